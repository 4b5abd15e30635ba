// Avro against npm avsc: random values of random schemas, which our walker must read as they were given, to the byte; the
// fingerprints of those schemas; and pruned schemas, which readers and writers of before and after must get along with.
// MESSAGES=10000 for hours.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import avro from 'avsc';
import { profile, test, wirediet, WORK } from './lib.mjs';

const MESSAGES = Number(process.env.MESSAGES ?? 500);
const EACH = 20; // messages of one schema

let seed = 0x2545f491;
function random(n) {
  seed ^= seed << 13; seed ^= seed >>> 17; seed ^= seed << 5;
  return (seed >>> 0) % n;
}
const pick = (list) => list[random(list.length)];

// ---- random schemas ----

const PRIMITIVES = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'];

class Schemas {
  constructor(prefix) {
    this.prefix = prefix;
    this.names = [];
    this.count = 0;
  }

  name() {
    return `${this.prefix}${this.count++}`;
  }

  record(depth) {
    const name = this.name();
    const fields = Array.from({ length: random(5) + (depth ? 0 : 1) }, (_, i) => ({ name: `f${i}`, type: this.any(depth + 1) }));
    return { type: 'record', name, fields };
  }

  union(depth) {
    const branches = ['null', this.single(depth)];
    if (random(3) === 0) branches.push(this.single(depth));
    const kinds = branches.map((branch) => (typeof branch === 'string' ? branch : ['record', 'enum', 'fixed'].includes(branch.type) ? branch.name : branch.type));
    return branches.filter((_, i) => kinds.indexOf(kinds[i]) === i);
  }

  // Not a union.
  single(depth) {
    const kind = depth > 3 ? 0 : random(8);
    if (kind === 1) return this.record(depth);
    if (kind === 2) return { type: 'array', items: this.any(depth + 1) };
    if (kind === 3) return { type: 'map', values: this.any(depth + 1) };
    if (kind === 4 || kind === 5) {
      if (this.names.length && random(2)) return pick(this.names);
      const name = this.name();
      this.names.push(name);
      return kind === 4 ? { type: 'enum', name, symbols: ['A', 'B_2', 'c'] } : { type: 'fixed', name, size: random(20) };
    }
    return pick(PRIMITIVES);
  }

  any(depth) {
    return random(4) === 0 ? this.union(depth) : this.single(depth);
  }
}

// ---- random values, and what our walker has to say of them ----

const STRING = avro.Type.forSchema('string');
const texts = ['', 'a', 'Grüße', '€ 5', 'x'.repeat(70), '{"k":1}', '\u0000 \n'];
const doubles = [0, -0.5, 1.5, 3, 1e300, -7e-300, 0.1, 123456789.125];

const scalars = {
  null: () => [null, 'null', 'null'],
  boolean: () => { const v = random(2) === 1; return [v, 'boolean', `${v}`]; },
  int: () => { const v = pick([0, -1, 63, 64, 1000, 2147483647, -2147483648, random(1e6)]); return [v, 'integer', `${v}`]; },
  long: () => { const v = pick([0, -64, 65, 4503599627370496, -4503599627370496, random(1e9) * 1000]); return [v, 'integer', `${v}`]; },
  float: () => { const v = Math.fround(pick([0, 1.5, -2.25, 3, 0.5])); return [v, Number.isInteger(v) ? 'integer' : 'number', v]; },
  double: () => { const v = pick(doubles); return [v, Number.isInteger(v) ? 'integer' : 'number', v]; },
  bytes: () => { const v = Buffer.from(pick(texts)); return [v, 'bytes', v.toString('hex')]; },
  string: () => { const v = pick(texts); return [v, 'string', v]; },
};

// Gives the value for avsc; calls emit({path, type, key, value, text}) for each row, containers first.
function fill(type, path, emit, key = 0) {
  const name = type.typeName;
  const step = (what) => (path === '.' ? what.replace(/^\./, '') : path + what);
  if (name === 'union:wrapped') {
    const branch = pick(type.types);
    const value = fill(branch, path, emit, key);
    return value === null ? null : { [branch.branchName]: value };
  }
  if (name === 'record') {
    emit({ path, type: 'object', key, value: 0 });
    return Object.fromEntries(type.fields.map((field) => [field.name, fill(field.type, step(`.${field.name}`), emit)]));
  }
  if (name === 'array') {
    emit({ path, type: 'array', key, value: 0 });
    return Array.from({ length: random(4) }, () => fill(type.itemsType, step('[]'), emit));
  }
  if (name === 'map') {
    emit({ path, type: 'object', key, value: 0 });
    const keys = ['k', 'Schlüssel', 'x y'].slice(0, random(4));
    return Object.fromEntries(keys.map((each) => [each, fill(type.valuesType, step('{}'), emit, STRING.toBuffer(each).length)]));
  }
  if (name === 'enum') {
    const symbol = pick(type.symbols);
    emit({ path, type: 'string', key, value: 1, text: symbol });
    return symbol;
  }
  if (name === 'fixed') {
    const bytes = Buffer.alloc(type.size, 7);
    emit({ path, type: 'bytes', key, value: type.size, text: bytes.toString('hex') });
    return bytes;
  }
  const [value, kind, text] = scalars[name]();
  emit({ path, type: kind, key, value: type.toBuffer(value).length, text });
  return value;
}

async function writeFile(path, type, values) {
  const encoder = new avro.streams.BlockEncoder(type, { codec: 'null', blockSize: 200 });
  const chunks = [];
  encoder.on('data', (chunk) => chunks.push(chunk));
  for (const value of values) encoder.write(value);
  encoder.end();
  await once(encoder, 'end');
  writeFileSync(path, Buffer.concat(chunks));
}

function sameRow(got, want) {
  assert.deepEqual([got.path, got.type, got.key_bytes, got.value_bytes], [want.path, want.type, want.key, want.value]);
  if (typeof want.text === 'number') assert.equal(Number(got.value), want.text);
  else if (want.text !== undefined) assert.equal(got.value, want.text);
}

const made = []; // {type, values, sizes}
await test(`${MESSAGES} random values of random schemas are read as avsc wrote them`, async () => {
  let rows = 0;
  for (let n = 0; n < MESSAGES / EACH; n++) {
    const schema = { ...new Schemas(`S${n}_`).record(0), namespace: 'peer.test' };
    const type = avro.Type.forSchema(schema, { wrapUnions: true });
    const want = [];
    const values = Array.from({ length: EACH }, () => fill(type, '[]', (row) => want.push(row)));
    const path = `${WORK}/random.avro`;
    await writeFile(path, type, values);
    const { codec, bytes, fields } = JSON.parse(wirediet(['decode', '--format', 'json', '--show-values=force', '-q', path]));
    assert.equal(codec, 'avro');
    assert.equal(fields.reduce((sum, row) => sum + row.key_bytes + row.value_bytes + row.syntax_bytes + row.whitespace_bytes, 0), bytes);
    assert.equal(fields.length, want.length + 1, JSON.stringify(schema));
    want.forEach((row, i) => sameRow(fields[i + 1], row));
    rows += want.length;
    made.push({ schema, type, values });
  }
  return `${rows} values`;
});

// ---- fingerprints ----

function fingerprint(type) {
  let crc = 0xc15d213aa4d7a795n;
  for (const byte of Buffer.from(JSON.stringify(type.schema()))) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = (crc >> 1n) ^ (crc & 1n ? 0xc15d213aa4d7a795n : 0n);
  }
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(crc);
  return out;
}

const har = (messages) => ({
  log: {
    version: '1.2', creator: { name: 'peers', version: '1' },
    entries: [{
      startedDateTime: '2026-03-03T09:00:00.000Z', time: 1,
      request: { method: 'GET', url: 'ws://localhost/live', httpVersion: 'HTTP/1.1', headers: [], queryString: [], cookies: [], headersSize: -1, bodySize: 0 },
      response: { status: 101, statusText: '', httpVersion: 'HTTP/1.1', headers: [], cookies: [], content: { size: 0, mimeType: '' }, redirectURL: '', headersSize: -1, bodySize: 0 },
      cache: {}, timings: { send: 0, wait: 0, receive: 0 },
      _webSocketMessages: messages.map((body, i) => ({ type: 'receive', time: 1772528400 + i, opcode: 2, data: body.toString('base64') })),
    }],
  },
});

await test('single-object encoding finds each schema by avsc\'s own canonical form', () => {
  const bodies = made.flatMap(({ type, values }) => values.map((value) => Buffer.concat([Buffer.from([0xc3, 1]), fingerprint(type), type.toBuffer(value)])));
  const schemas = made.slice(0, 200).map(({ schema }, n) => {
    const path = `${WORK}/s${n}.avsc`;
    writeFileSync(path, JSON.stringify({ ...schema, doc: 'of no matter', aliases: ['old'] }));
    return ['-s', path];
  });
  writeFileSync(`${WORK}/avro.har`, JSON.stringify(har(bodies.slice(0, 200 * EACH))));
  const { messages, totals } = profile(...schemas.flat(), `${WORK}/avro.har`);
  const byName = new Map(messages.map((message) => [message.name, message]));
  assert.equal(totals.malformed, 0);
  for (const { schema, type, values } of made.slice(0, 200)) {
    const got = byName.get(schema.name);
    assert.ok(got, schema.name);
    assert.equal(got.count, EACH);
    assert.equal(got.payload_bytes, values.reduce((sum, value) => sum + 10 + type.toBuffer(value).length, 0));
  }
  return `${schemas.length} schemas`;
});

// ---- other ways to send the same ----

const TICK = { type: 'record', name: 'Tick', fields: [{ name: 'a', type: 'string' }, { name: 'b', type: 'long' }] };
const tick = avro.Type.forSchema(TICK);
const ticks = Array.from({ length: 30 }, (_, i) => ({ a: `x${i}`, b: i * 1000 }));
const sent = (bodies, ...options) => {
  writeFileSync(`${WORK}/tick.avsc`, JSON.stringify(TICK));
  writeFileSync(`${WORK}/tick.har`, JSON.stringify(har(bodies)));
  const { messages, totals } = profile(...options, `${WORK}/tick.har`);
  assert.equal(messages.length, 1);
  return { ...messages[0], malformed: totals.malformed, row: (path) => messages[0].fields.find((field) => field.path === path) };
};
const HEADS = [['plain', Buffer.alloc(0)], ['behind the head of a registry', Buffer.from([0, 0, 0, 1, 7])]];

for (const [what, head] of HEADS) {
  await test(`values ${what} are read by the channel's schema`, () => {
    const got = sent(ticks.map((value) => Buffer.concat([head, tick.toBuffer(value)])), '-s', `${WORK}/tick.avsc`);
    assert.deepEqual([got.name, got.codec, got.count, got.malformed], ['Tick', 'avro', ticks.length, 0]);
    assert.equal(got.row('.').syntax_bytes, ticks.length * head.length);
    assert.equal(got.row('a').value_bytes, ticks.reduce((sum, { a }) => sum + STRING.toBuffer(a).length, 0));
  });
}

await test('container files are read by the schema that they bring along', async () => {
  const bodies = [];
  for (let n = 0; n < 3; n++) {
    await writeFile(`${WORK}/tick.avro`, tick, ticks);
    bodies.push(readFileSync(`${WORK}/tick.avro`));
  }
  const got = sent(bodies);
  assert.deepEqual([got.name, got.codec, got.count, got.malformed], ['Tick', 'avro', 3, 0]);
  assert.equal(got.row('[].b').occurrences, 3 * ticks.length);
});

await test('a fingerprint of no schema is not read as something else', () => {
  const bodies = ticks.map((value) => Buffer.concat([Buffer.from([0xc3, 1, 1, 2, 3, 4, 5, 6, 7, 8]), tick.toBuffer(value)]));
  for (const options of [[], ['-s', `${WORK}/tick.avsc`]]) {
    const got = sent(bodies, ...options);
    assert.deepEqual([got.name, got.codec, got.count, got.fields.length], ['message', 'avro', ticks.length, 1]);
  }
});

// ---- pruning ----

const BEFORE = {
  type: 'record', name: 'Trade', namespace: 'floor', fields: [
    { name: 'symbol', type: 'string' },
    { name: 'side', type: { type: 'enum', name: 'Side', symbols: ['BUY', 'SELL'] } },
    { name: 'email', type: 'string' },
    { name: 'note', type: ['null', 'string'], default: null },
    { name: 'tags', type: { type: 'array', items: 'string' } },
    { name: 'origin', type: { type: 'record', name: 'Origin', fields: [{ name: 'ip', type: { type: 'fixed', name: 'Ip', size: 4 } }, { name: 'side', type: 'Side' }] } },
    { name: 'price', type: 'double' },
  ],
};
const VALUE = { symbol: 'A', side: 'SELL', email: 'a@example.com', note: 'n', tags: ['x'], origin: { ip: Buffer.from([1, 2, 3, 4]), side: 'BUY' }, price: 1.5 };
const USAGE = 'wirediet: usage/1\nconsumers:\n  - name: web\n    source: manifest\n    messages:\n      - message: Trade\n        complete: true\n'
  + '        reads: [{ path: symbol }, { path: side }, { path: price }]\n';

// The schema after a stage; both ways, whoever writes and whoever reads, what is read stays what it was.
function prune(before, stage) {
  writeFileSync(`${WORK}/before.avsc`, JSON.stringify(before, null, 2));
  writeFileSync(`${WORK}/web.yaml`, USAGE);
  wirediet(['prune', '-q', '-s', `${WORK}/before.avsc`, '-u', `${WORK}/web.yaml`, '--stage', stage, '-o', `${WORK}/after.avsc`]);
  const after = JSON.parse(wirediet(['prune', '-q', '-s', `${WORK}/before.avsc`, '-u', `${WORK}/web.yaml`, '--stage', stage]));
  const [old, now] = [before, after].map((schema) => avro.Type.forSchema(schema));
  for (const [writer, reader] of [[old, now], [now, old]]) {
    const resolver = reader.createResolver(writer);
    const read = reader.fromBuffer(writer.toBuffer(VALUE), resolver);
    assert.deepEqual([read.symbol, read.side, read.price], ['A', 'SELL', 1.5]);
  }
  return after;
}
const names = (schema) => schema.fields.map(({ name }) => name);

await test('a field with a default goes at once, and old and new understand each other', () => {
  assert.deepEqual(names(prune(BEFORE, 'remove')), ['symbol', 'side', 'email', 'tags', 'origin', 'price']);
});

await test('the others go in two steps, each of which both sides understand', () => {
  const marked = prune(BEFORE, 'deprecate');
  assert.ok(marked.fields.filter(({ deprecated }) => deprecated).every((field) => 'default' in field));
  assert.deepEqual(names(prune(marked, 'remove')), ['symbol', 'side', 'price']);
});
