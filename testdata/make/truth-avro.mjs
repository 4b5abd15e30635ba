// The application's own log of Avro messages, in the format capture-truth/1: sizes are what npm `avsc` says that each
// scalar takes by itself. Fields have no keys; those of maps have. A container, null, and an array or map without entries
// take no bytes of their own.
import avro from 'avsc';
import { Truth } from './truth.mjs';

const STRING = avro.Type.forSchema('string');
const LOW = 0xffffffffffffffffn;
const EMPTY = 0xc15d213aa4d7a795n;

// CRC-64-AVRO of the parsing canonical form, least significant byte first.
export function fingerprint(type) {
  let crc = EMPTY;
  for (const byte of Buffer.from(canonical(JSON.parse(JSON.stringify(type.schema({ exportAttrs: false })))))) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = (crc >> 1n) ^ (crc & 1n ? EMPTY : 0n);
  }
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(crc & LOW);
  return out;
}

const ATTRIBUTES = ['name', 'type', 'fields', 'symbols', 'items', 'values', 'size'];

function canonical(schema) {
  if (typeof schema === 'string') return JSON.stringify(schema);
  if (Array.isArray(schema)) return `[${schema.map(canonical).join(',')}]`;
  const isName = typeof schema.type === 'string' && !['record', 'enum', 'fixed', 'array', 'map'].includes(schema.type);
  if (isName && !schema.name) return canonical(schema.type);
  return `{${ATTRIBUTES.filter((key) => key in schema).map((key) => {
    const value = schema[key];
    if (key === 'fields' || key === 'items' || key === 'values' || key === 'type') return `"${key}":${canonical(value)}`;
    return `"${key}":${JSON.stringify(value)}`;
  }).join(',')}}`;
}

const below = (path, step) => (path === '$' ? step.replace(/^\./, '') : path + step);

// Calls emit(path, kind, keyBytes, valueBytes, value) for each value, containers before their members.
export function walkAvro(type, value, emit, path = '$', keyBytes = 0) {
  const leaf = (bytes, text) => emit(path, 'leaf', keyBytes, bytes, text);
  const { typeName } = type;
  if (typeName === 'union:wrapped' || typeName === 'union:unwrapped') {
    if (value === null) return leaf(0, 'null');
    const isWrapped = typeName === 'union:wrapped';
    const branch = type.types.find((one) => one.typeName !== 'null' && (!isWrapped || one.branchName in value));
    return walkAvro(branch, isWrapped ? value[branch.branchName] : value, emit, path, keyBytes);
  }
  if (typeName === 'record') {
    emit(path, 'object', keyBytes, 0);
    for (const field of type.fields) walkAvro(field.type, value[field.name], emit, below(path, `.${field.name}`));
    return undefined;
  }
  if (typeName === 'array' || typeName === 'map') {
    const entries = typeName === 'array' ? value.map((item) => [0, item])
      : Object.entries(value).map(([key, item]) => [STRING.toBuffer(key).length, item]);
    if (!entries.length) return leaf(0, typeName);
    emit(path, typeName === 'array' ? 'array' : 'object', keyBytes, 0);
    const [inner, step] = typeName === 'array' ? [type.itemsType, '[]'] : [type.valuesType, '{}'];
    for (const [bytes, item] of entries) walkAvro(inner, item, emit, below(path, step), bytes);
    return undefined;
  }
  return leaf(type.toBuffer(value).length, Buffer.isBuffer(value) ? value.toString('hex') : JSON.stringify(value));
}

export class AvroTruth extends Truth {
  avro(connection, direction, name, type, value, bytes) {
    this.record(connection, direction, name, bytes, { record: name, value }, (emit) => walkAvro(type, value, emit));
  }
}
