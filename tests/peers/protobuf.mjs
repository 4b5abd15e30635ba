// Random messages of random schemas, encoded by protobufjs and by protoc: the codec finds in both what was put in, path by
// path, value by value, byte by byte. MESSAGES=10000 and SEED=7 ask for more and for others.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import protobuf from 'protobufjs';
import { test, WORK } from './lib.mjs';

const build = dirname(process.env.WIREDIET);
const folder = `${WORK}/protobuf`;
const MESSAGES = Number(process.env.MESSAGES ?? 500);
const PER_SCHEMA = 25;
let state = Number(process.env.SEED ?? 1);
mkdirSync(folder, { recursive: true });

// --- chance: the same run for the same seed ---

function random() {   // mulberry32
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const below = (n) => Math.floor(random() * n);
const pick = (list) => list[below(list.length)];
const chance = (p) => random() < p;
const times = (n, make) => Array.from({ length: n }, (_, i) => make(i));

// --- kinds: how long a value is, what the codec should say of it, how each encoder is told ---

const bits = (n) => BigInt(n);
const big = (width) => BigInt.asUintN(width, (bits(Math.floor(random() * 2 ** 32)) << 32n | bits(Math.floor(random() * 2 ** 32))) >> bits(below(width)));
const signed = (width) => () => BigInt.asIntN(width, chance(0.3) ? -big(width) : big(width));
const unsigned = (width) => () => big(width);
const varint = (value) => { let n = 1; for (let v = BigInt.asUintN(64, value); v > 127n; v >>= 7n) n++; return n; };
const zigzag = (value) => (value << 1n) ^ (value >> 63n);
const integer = (draw, length) => ({ draw, length, isNumber: true, type: () => 'integer', hex: (v) => hexOf(String(v)), literal: String });
const long = (kind) => ({ ...kind, toJs: (v) => protobuf.util.Long.fromString(String(v), v >= 2n ** 63n) });
const short = (kind) => ({ ...kind, toJs: Number });
const hexOf = (text) => Buffer.from(text).toString('hex');
const octal = (buffer) => `"${[...buffer].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')}"`;
const drawDouble = () => pick([() => below(1000) + 1, () => random() * 1e6 - 5e5, () => 10 ** (below(600) - 300), () => -Infinity, () => NaN, () => 0.1])();
const floating = (draw, length) => ({
  draw, length: () => length, isNumber: true, type: (v) => (Number.isInteger(v) ? 'integer' : 'number'), isFloat: true,
  literal: (v) => (Number.isNaN(v) ? 'nan' : String(v).replace('Infinity', 'inf')), toJs: (v) => v,
});
const content = (draw, type) => ({ draw, length: (v) => v.length, type: () => type, hex: (v) => v.toString('hex'), literal: octal, toJs: (v) => v });

const word = () => Buffer.from(times(below(12) + 1, () => pick([...'abcxyz 0189é€😀'])).join(''));
const KINDS = {
  double: floating(drawDouble, 8),
  float: floating(() => Math.fround(drawDouble()), 4),
  int32: short(integer(signed(32), varint)),
  int64: long(integer(signed(64), varint)),
  uint32: short(integer(unsigned(32), varint)),
  uint64: long(integer(unsigned(64), varint)),
  sint32: short(integer(signed(32), (v) => varint(zigzag(v)))),
  sint64: long(integer(signed(64), (v) => varint(zigzag(v)))),
  fixed32: short(integer(unsigned(32), () => 4)),
  fixed64: long(integer(unsigned(64), () => 8)),
  sfixed32: short(integer(signed(32), () => 4)),
  sfixed64: long(integer(signed(64), () => 8)),
  bool: { draw: () => chance(0.5), length: () => 1, isNumber: true, type: () => 'boolean', hex: (v) => hexOf(String(v)), literal: String, toJs: (v) => v },
  string: { ...content(word, 'string'), toJs: String },
  bytes: content(() => Buffer.from(times(below(20) + 1, () => below(256))), 'bytes'),
};
const ENUM = { LOW: -1n, ZERO: 0n, ONE: 1n, FAR: 100000n };
const enumKind = { ...short(integer(() => pick(Object.values(ENUM)), varint)), literal: (v) => Object.keys(ENUM).find((name) => ENUM[name] === v) };
const KEYS = ['int32', 'int64', 'uint32', 'uint64', 'sint32', 'sint64', 'fixed32', 'fixed64', 'sfixed32', 'sfixed64', 'bool', 'string'];
const kindOf = (type) => (type === 'Way' ? enumKind : KINDS[type]);
const isLengthPrefixed = (type) => type === 'string' || type === 'bytes' || !kindOf(type);

// --- schemas: four messages that refer to each other and to themselves ---

const MESSAGE_NAMES = ['Root', 'Left', 'Right', 'Leaf'];

function randomNumbers(count) {
  const numbers = new Set();
  while (numbers.size < count) numbers.add(pick([1 + below(15), 1 + below(60), 1 + below(3000), 20000 + below(2 ** 28)]));
  return [...numbers].filter((n) => n < 19000 || n > 19999);
}

function randomField(number, i, isProto2) {
  const type = pick([...Object.keys(KINDS), 'Way', ...MESSAGE_NAMES]);
  const field = { number, type, name: `f${i}_${type.toLowerCase()}`, message: kindOf(type) ? undefined : type };
  const kind = pick(['single', 'single', 'repeated', 'repeated', 'map', 'oneof', 'group']);
  if (kind === 'group' && isProto2) return { ...field, type: 'group', name: `grp${i}`, group: `Grp${i}`, message: pick(MESSAGE_NAMES), isRepeated: chance(0.4) };
  if (kind === 'map') return { ...field, isMap: true, key: pick(KEYS) };
  if (kind === 'oneof') return { ...field, isOneof: true };
  if (kind !== 'repeated') return { ...field, isOptional: isProto2 || chance(0.3) };
  const packed = isLengthPrefixed(type) ? undefined : pick([undefined, true, false]);
  return { ...field, isRepeated: true, packed, isPacked: packed ?? (!isProto2 && !isLengthPrefixed(type)) };
}

function randomSchema(index) {
  const isProto2 = index % 2 === 1;
  const messages = {};
  for (const name of MESSAGE_NAMES) messages[name] = randomNumbers(4 + below(8)).map((number, i) => randomField(number, i, isProto2));
  return { isProto2, messages, name: `s${index}` };
}

// A group has its fields inside: it gets one, and refers to nothing.
const GROUP_FIELDS = [{ number: 3, type: 'sint32', name: 'inner', isOptional: true }];

function fieldText(field, isProto2) {
  const label = field.isRepeated ? 'repeated ' : field.isOneof || field.isMap ? '' : field.isOptional || isProto2 ? 'optional ' : '';
  if (field.group) return `${label}group ${field.group} = ${field.number} { optional sint32 inner = 3; }`;
  const type = field.isMap ? `map<${field.key}, ${field.type}>` : field.type;
  const option = field.packed === undefined ? '' : ` [packed = ${field.packed}]`;
  return `${label}${type} ${field.name} = ${field.number}${option};`;
}

function schemaText({ isProto2, messages, name }) {
  const text = [`syntax = "proto${isProto2 ? 2 : 3}";`, `package ${name};`,
    'enum Way { ZERO = 0; LOW = -1; ONE = 1; FAR = 100000; }', `message Batch { repeated Root all = 1; }`];
  for (const [message, fields] of Object.entries(messages)) {
    const choices = fields.filter((field) => field.isOneof);
    text.push(`message ${message} {`, ...fields.filter((field) => !field.isOneof).map((field) => `  ${fieldText(field, isProto2)}`));
    if (choices.length) text.push('  oneof choice {', ...choices.map((field) => `    ${fieldText(field, isProto2)}`), '  }');
    text.push('}');
  }
  return text.join('\n');
}

// --- values: [field, value] in order of numbers; a repeated one has a list, a map a list of [key, value] ---

const isDefault = (v) => (Buffer.isBuffer(v) ? v.length === 0 : !v) || v === 0n;

function randomValue(schema, field, depth) {
  if (field.group) return chance(0.8) ? [[GROUP_FIELDS[0], KINDS.sint32.draw()]] : [];
  return field.message ? randomMessage(schema, field.message, depth + 1) : kindOf(field.type).draw();
}

function randomEntries(schema, field, depth) {
  const entries = new Map();
  for (let i = below(3); i >= 0; i--) {
    const key = field.key === 'bool' ? true : KINDS[field.key].draw();   // protobufjs writes "false" as true
    entries.set(String(key), [key, randomValue(schema, field, depth)]);
  }
  return [...entries.values()];
}

function randomMessage(schema, name, depth = 0) {
  const fields = [...schema.messages[name]].sort((a, b) => a.number - b.number);
  const choice = pick(fields.filter((field) => field.isOneof).concat(undefined));
  const message = [];
  for (const field of fields) {
    if (field.isOneof ? field !== choice : chance(0.3)) continue;
    if (field.message && !field.group && (depth > 3 || chance(0.3))) continue;
    const value = field.isMap ? randomEntries(schema, field, depth)
      : field.isRepeated ? times(1 + below(3), () => randomValue(schema, field, depth))
        : randomValue(schema, field, depth);
    const isImplicit = !schema.isProto2 && !field.isOptional && !field.isOneof && !field.isRepeated && !field.isMap && !field.message;
    if (isImplicit && isDefault(value)) continue;   // not on the wire, by some encoders
    message.push([field, value]);
  }
  return message;
}

// --- what the encoders are told ---

function toJs(message) {
  const one = (field, v) => (field.message ? toJs(v) : kindOf(field.type).toJs(v));
  return Object.fromEntries(message.map(([field, v]) => [field.name,
    field.isMap ? Object.fromEntries(v.map(([key, value]) => [String(key), one(field, value)]))
      : field.isRepeated ? v.map((value) => one(field, value)) : one(field, v)]));
}

function toText(message) {
  const one = (field, v) => (field.message ? ` { ${toText(v)} }` : `: ${kindOf(field.type).literal(v)}`);
  return message.map(([field, v]) => {
    const name = field.group ?? field.name;
    if (field.isMap) return v.map(([key, value]) => `${name} { key: ${KINDS[field.key].literal(key)} value${one(field, value)} }`).join(' ');
    return (field.isRepeated ? v : [v]).map((value) => `${name}${one(field, value)}`).join(' ');
  }).join(' ');
}

// --- what the codec should say: [path, type, key bytes, value bytes, text] ---

const tagLength = (field) => varint(bits(field.number) << 3n);
const headOf = (tag, length) => tag + varint(bits(length));

// The rows of one value at `path` whose key takes `before` bytes and what its own head takes; and its length in all.
function valueRows(field, path, v, before) {
  const tag = before + tagLength(field);
  const kind = field.message ? undefined : kindOf(field.type);
  if (field.group) {
    const inner = messageRows(v, `${path}.`);
    return { rows: [[path, 'object', tag, 0, ''], ...inner.rows], length: tag + inner.length + tagLength(field) };
  }
  const inner = kind ? undefined : messageRows(v, `${path}.`);
  const length = kind ? kind.length(v) : inner.length;
  const head = !kind || isLengthPrefixed(field.type) ? headOf(tag, length) : tag;
  const rows = kind ? [[path, kind.type(v), head, length, kind.isFloat ? v : kind.hex(v)]] : [[path, 'object', head, 0, ''], ...inner.rows];
  return { rows, length: head + length };
}

function packedRows(field, path, values) {
  const kind = kindOf(field.type);
  const length = values.reduce((sum, v) => sum + kind.length(v), 0);
  const head = headOf(tagLength(field), length);
  return { rows: values.map((v, i) => [path, kind.type(v), i ? 0 : head, kind.length(v), kind.isFloat ? v : kind.hex(v)]), length: head + length };
}

function entryRows(field, path, [key, v]) {
  const keyLength = KINDS[field.key].length(key);
  const keyRecord = (field.key === 'string' ? headOf(1, keyLength) : 1) + keyLength;
  const inside = valueRows({ number: 2, type: field.type, message: field.message }, path, v, 0).length + keyRecord;
  const before = headOf(tagLength(field), inside) + keyRecord;
  return valueRows({ number: 2, type: field.type, message: field.message }, path, v, before);
}

function messageRows(message, prefix) {
  const parts = message.flatMap(([field, v]) => {
    const path = `${prefix}${field.name}`;
    if (field.isMap) return v.map((entry) => entryRows(field, `${path}{}`, entry));
    if (field.isPacked) return [packedRows(field, `${path}[]`, v)];
    return field.isRepeated ? v.map((value) => valueRows(field, `${path}[]`, value, 0)) : [valueRows(field, path, v, 0)];
  });
  return { rows: parts.flatMap((part) => part.rows), length: parts.reduce((sum, part) => sum + part.length, 0) };
}

// Numbers as digits, however they are written: 1e+2 is 100. Map entries come in any order, so rows are sorted.
const digitsOf = (number) => (Number.isInteger(number) ? BigInt(number).toString() : String(number));
const digits = (text) => (/^-?\d+$/.test(text) ? text : digitsOf(Number(text.replace(/inf$/, 'Infinity'))));

function comparable([path, type, key, value, text]) {
  const isNumber = type === 'integer' || type === 'number';
  const shown = typeof text === 'number' ? digitsOf(text) : isNumber ? Buffer.from(text, 'hex').toString() : text;
  return JSON.stringify([path, type, key, value, isNumber ? digits(shown) : shown]);
}

// --- the run ---

execFileSync('make', ['-C', build, '-s', 'tests/peers/walk_proto'], { stdio: ['ignore', 'ignore', 'inherit'] });
const schemas = times(Math.ceil(MESSAGES / PER_SCHEMA), randomSchema);
for (const schema of schemas) writeFileSync(`${folder}/${schema.name}.proto`, schemaText(schema));
const files = schemas.map(({ name }) => `${name}.proto`);
execFileSync('protoc', ['-I', folder, '--descriptor_set_out', `${folder}/set.pb`, ...files]);

// All messages of a schema in one call: fields 1 of a batch.
function encodeByProtoc({ name }, messages) {
  const input = messages.map((message) => `all { ${toText(message)} }`).join('\n');
  const batch = execFileSync('protoc', ['-I', folder, `--encode=${name}.Batch`, `${name}.proto`], { input, maxBuffer: 2 ** 28 });
  const reader = protobuf.Reader.create(batch);
  return messages.map(() => { reader.uint32(); return Buffer.from(reader.bytes()); });
}

function encodeByProtobufjs(schema, messages) {
  const root = protobuf.parse(schemaText(schema), { keepCase: true }).root.resolveAll();
  const type = root.lookupType(`${schema.name}.Root`);
  return messages.map((message) => Buffer.from(type.encode(type.create(toJs(message))).finish()));
}

function walk(set, bodies) {
  const input = bodies.map(([name, body]) => `${name} ${body.toString('hex')}\n`).join('');
  return execFileSync(`${build}/tests/peers/walk_proto`, [set], { input, maxBuffer: 2 ** 30 }).toString().trim().split('\n').map((line) => JSON.parse(line));
}

const cases = schemas.flatMap((schema) => {
  const messages = times(PER_SCHEMA, () => randomMessage(schema, 'Root'));
  const encoded = { protoc: encodeByProtoc(schema, messages), protobufjs: encodeByProtobufjs(schema, messages) };
  return messages.map((message, i) => ({ schema, message, protoc: encoded.protoc[i], protobufjs: encoded.protobufjs[i] }));
});

for (const encoder of ['protoc', 'protobufjs']) {
  const tapes = walk(`${folder}/set.pb`, cases.map((one) => [`${one.schema.name}.Root`, one[encoder]]));
  await test(`${cases.length} random messages by ${encoder}`, () => {
    let rows = 0;
    cases.forEach(({ schema, message, [encoder]: body }, i) => {
      const expected = messageRows(message, '');
      assert.equal(expected.length, body.length, `the test and ${encoder} disagree on ${schema.name}`);
      assert.equal(tapes[i].pop(), 'ok');
      assert.deepEqual(tapes[i].shift(), ['.', 'object', 0, 0, '']);
      assert.deepEqual(tapes[i].map(comparable).sort(), expected.rows.map(comparable).sort(), `${schema.name}, message ${i}, ${body.toString('hex')}`);
      rows += expected.rows.length;
    });
    assert.ok(rows > 10 * cases.length, `only ${rows} values`);
    return `${rows} values`;
  });
}

await test('the same without a schema', () => {
  const tapes = walk('-', cases.map((one) => ['-', one.protoc]));
  cases.forEach(({ message }, i) => {
    assert.equal(tapes[i].pop(), 'ok');
    const numbers = new Set(tapes[i].slice(1).map(([path]) => Number(/^\d+/.exec(path)[0])));
    assert.deepEqual([...numbers].sort((a, b) => a - b), message.map(([field]) => field.number));
  });
});
