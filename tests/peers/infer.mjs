// Schemas that `infer` makes are valid to those who read them, and every captured message fits them: ajv, AsyncAPI's parser,
// protoc and protobufjs, avsc. Then `audit` has nothing to say about them.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { Parser } from '@asyncapi/parser';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import avro from 'avsc';
import protobuf from 'protobufjs';
import { parse } from 'yaml';
import { file, run, test, text, wirediet, WORK } from './lib.mjs';
import { closed } from './lib-schema.mjs';
import { events, har, logged, webSocket } from './lib-messages.mjs';

const SOURCES = [
  { capture: 'testdata/dashboard/naive.pcapng', messages: () => logged('testdata/dashboard/naive.messages.ndjson.gz') },
  { capture: 'testdata/dashboard/diet.pcapng', messages: () => logged('testdata/dashboard/diet.messages.ndjson.gz') },
  { capture: 'testdata/dashboard/deflate.pcapng', messages: () => logged('testdata/dashboard/deflate.messages.ndjson.gz') },
  { capture: 'testdata/captures/dashboard-naive.pcapng', messages: () => webSocket('testdata/captures/dashboard-naive.pcapng', 8080) },
  { capture: 'testdata/captures/dashboard-diet.pcapng', messages: () => webSocket('testdata/captures/dashboard-diet.pcapng', 8080) },
  { capture: 'testdata/captures/chat-deflate.pcapng', messages: () => webSocket('testdata/captures/chat-deflate.pcapng', 8085) },
  { capture: 'testdata/captures/storm-fixed.pcapng', messages: () => webSocket('testdata/captures/storm-fixed.pcapng', 8091) },
  { capture: 'testdata/captures/ticker-sse-plain.pcapng', messages: () => events('testdata/captures/ticker-sse-plain.pcapng') },
  { capture: 'testdata/captures/ticker-sse-gzip.pcapng', messages: () => events('testdata/captures/ticker-sse-gzip.pcapng') },
  { capture: 'testdata/captures/home-panel.har', messages: () => har('testdata/captures/home-panel.har') },
];

// Names and shapes that no schema language likes, in lines that wirediet reads.
const ODD_KEYS = ['a b', 'a-b', 'a_b', 'aB', '', 'null', 'true', '1', '1e3', '~', '- x', '# x', ': x', 'x: y', '{', '[]', '"q"', "it's", 'back\\slash',
  'tab\tand\nline', 'Ünïcödé', '日本', '😀', '$defs', 'type', 'properties', 'required', 'message', 'Message', 'string',
  'optional', 'reserved', 'group', 'import', 'x'.repeat(300), 'key'.repeat(400)];
const odd = (n) => ({
  type: 'odd', ...Object.fromEntries(ODD_KEYS.filter((key) => key !== 'type').map((key, i) => [key, i % 2 ? `v${n}` : n])),
  nested: Object.fromEntries(ODD_KEYS.map((key) => [key, { [key]: n }])),
  mixed: [1, 'a', null, true, { x: 1 }, [2]][n % 6], matrix: [[1, 2], [3.5]], nulls: [1, null], empty: [], nothing: {}, always: null,
  rates: { EUR: 1, USD: 1.5, GBP: 2, CHF: 3, JPY: 4 + n }, cores: { cpu0: 1, cpu1: 2, cpu2: 3, cpu3: 4, cpu4: 5 },
  byId: { [`${1000 + n}`]: { name: 'x', at: n } }, big: [12345678901234567890, 2 ** 53, -1][n % 3], huge: 1e300, ['late' + (n % 2)]: n,
});
function deep(n, levels) { return levels ? { a: deep(n, levels - 1) } : n; }
const HOSTILE = [
  ...Array.from({ length: 60 }, (_, n) => odd(n)),
  ...Array.from({ length: 30 }, (_, n) => ({ type: 'deep', down: deep(n, 20), list: [[[[[n]]]]] })),
  ...Array.from({ length: 30 }, (_, n) => ({ type: 'wide', ...Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`field_${'abcdefghij'[i % 10]}${'klmnopqrst'[Math.floor(i / 10) % 10]}${i < 100 ? 'x' : 'y'}`, n])) })),
];
function hostile() {
  const name = `${WORK}/hostile.ndjson`;
  writeFileSync(name, HOSTILE.map((payload) => `${JSON.stringify({ channel: '/odd/{x', type: payload.type, payload })}\n`).join(''));
  return HOSTILE.map((message) => structuredClone(message));
}
SOURCES.push({ capture: `${WORK}/hostile.ndjson`, messages: hostile, options: ['--ndjson', 'payload=payload,channel=channel'] });

const at = (capture) => (capture.startsWith('/') ? capture : file(capture));
const infer = (capture, ...more) => wirediet(['infer', '-q', ...(SOURCES.find((source) => source.capture === capture).options ?? []), ...more, at(capture)]);

// --- JSON Schema ---

function close(node) {
  if (node === null || typeof node !== 'object') return;
  if (node.properties && !('additionalProperties' in node)) node.additionalProperties = false;
  Object.values(node).forEach(close);
}

// One validator per message of an inferred AsyncAPI document, in its order. Nothing is allowed that is not declared.
function validators(document) {
  close(document.components);
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  return Object.values(document.components.messages).map(({ payload }) => (payload ? ajv.compile(payload) : () => false));
}

const shown = (validate) => JSON.stringify(validate.errors?.slice(0, 3));

// --- Protocol Buffers ---

const camel = (name) => name.replace(/_+(.)/g, (_, letter) => letter.toUpperCase()).replace(/_+$/, '');
const jsonName = (field) => field.options?.json_name ?? camel(field.name);

function toValue(json) {
  if (json === null) return { nullValue: 0 };
  if (Array.isArray(json)) return { listValue: { values: json.map(toValue) } };
  if (typeof json === 'object') return { structValue: toStruct(json) };
  return { [`${typeof json === 'boolean' ? 'bool' : typeof json}Value`]: json };
}
const toStruct = (json) => ({ fields: Object.fromEntries(Object.entries(json).map(([key, value]) => [key, toValue(value)])) });
function fromValue(value) {
  if (value.listValue) return (value.listValue.values ?? []).map(fromValue);
  if (value.structValue) return fromStruct(value.structValue);
  return 'nullValue' in value ? null : value.numberValue ?? value.stringValue ?? value.boolValue;
}
const fromStruct = (struct) => Object.fromEntries(Object.entries(struct.fields ?? {}).map(([key, value]) => [key, fromValue(value)]));

const one = (field, json, [ofMessage, ofValue, ofStruct]) => {
  const name = field.resolvedType?.fullName;
  if (name === '.google.protobuf.Value') return ofValue(json);
  if (name === '.google.protobuf.Struct') return ofStruct(json);
  return name ? ofMessage(field.resolvedType, json) : json;
};
const each = (field, json, how) => {
  if (field.map) return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, one(field, value, how)]));
  return field.repeated ? json.map((value) => one(field, value, how)) : one(field, json, how);
};

// null is the same as absent, save in a Value.
function toMessage(type, json) {
  const known = new Map(type.fieldsArray.map((field) => [jsonName(field), field]));
  const message = {};
  for (const [key, value] of Object.entries(json)) {
    const field = known.get(key);
    assert.ok(field, `${type.fullName} has no ${key}`);
    const isValue = field.resolvedType?.fullName === '.google.protobuf.Value' && !field.repeated && !field.map;
    if (value !== null || isValue) message[field.name] = each(field, value, [toMessage, toValue, toStruct]);
  }
  return message;
}
function fromMessage(type, message) {
  const entries = type.fieldsArray.filter(({ name }) => message[name] !== undefined && message[name] !== null)
    .map((field) => [jsonName(field), each(field, message[field.name], [fromMessage, fromValue, fromStruct])]);
  return Object.fromEntries(entries);
}

// What proto3 cannot tell apart: absent, null and empty lists.
function bare(json) {
  if (Array.isArray(json)) return json.map(bare);
  if (json === null || typeof json !== 'object') return json;
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, bare(value)])
    .filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0)).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const whole = (type) => type.fieldsArray.length === 1 && ['elements', 'entries', 'value'].includes(type.fieldsArray[0].name);
const wrap = (type, json) => (whole(type) && !(type.fieldsArray[0].name in json) ? { [type.fieldsArray[0].name]: json } : json);

function roundTrip(type, json) {
  const object = toMessage(type, wrap(type, json));
  const problem = type.verify(object);
  assert.equal(problem, null);
  const bytes = type.encode(type.fromObject(object)).finish();
  const back = type.toObject(type.decode(bytes), { longs: Number, defaults: true, oneofs: false });
  assert.deepEqual(bare(fromMessage(type, back)), bare(wrap(type, json)));
  return bytes.length;
}

// --- Avro ---

// Keys that Avro does not allow stand for others.
function renamed(type, json) {
  if (json === null || typeof json !== 'object') return json;
  const branches = (Array.isArray(type) ? type : [type]).filter((branch) => typeof branch === 'object');
  const of = (kind) => branches.find((branch) => branch.type === kind);
  if (Array.isArray(json)) return json.map((value) => renamed(of('array')?.items, value));
  if (of('map')) return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, renamed(of('map').values, value)]));
  const fields = new Map(of('record')?.fields.map((field) => [field['x-wirediet']?.key ?? field.name, field]));
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [fields.get(key)?.name ?? key, renamed(fields.get(key)?.type, value)]));
}

// --- all of them, on all captures ---

for (const { capture, messages, options = [] } of SOURCES) {
  const all = messages();
  const of = all.map(() => -1);

  await test(`${capture}: AsyncAPI, and every message fits it`, async () => {
    const inferred = infer(capture);
    const { diagnostics } = await new Parser().parse(inferred);
    assert.deepEqual(diagnostics.filter(({ severity }) => severity === 0).map(({ message }) => message), []);
    const fit = validators(parse(inferred));
    all.forEach((message, i) => {
      of[i] = fit.findIndex((validate) => validate(message));
      assert.ok(of[i] >= 0, `${JSON.stringify(message).slice(0, 300)}: ${fit.map(shown)}`);
    });
    assert.ok(all.length > 20);
    return `${all.length} messages, ${fit.length} kinds`;
  });

  await test(`${capture}: a message that lacks what is required, or has more, does not fit`, () => {
    const document = parse(infer(capture));
    const fit = validators(document);
    let count = 0;
    Object.values(document.components.messages).forEach(({ payload }, kind) => {
      const message = all.find((_, i) => of[i] === kind);
      for (const key of (message && payload.required) ?? []) {
        const { [key]: _, ...rest } = message;
        assert.equal(fit[kind](rest), false, key);
        assert.equal(fit[kind]({ ...message, undeclared: 1 }), false);
        count++;
      }
    });
    assert.ok(count > 0);
    return `${count} members`;
  });

  await test(`${capture}: JSON Schema, and every message fits it`, () => {
    const ajv = new Ajv({ strict: false });
    addFormats(ajv);
    const validate = ajv.compile(JSON.parse(infer(capture, '--as', 'json-schema')));
    for (const message of all) assert.ok(validate(message), `${JSON.stringify(message).slice(0, 300)}: ${shown(validate)}`);
  });

  await test(`${capture}: Protobuf, and every message survives it`, () => {
    const name = `${WORK}/inferred.proto`;
    writeFileSync(name, infer(capture, '--as', 'proto'));
    run('protoc', [`--proto_path=${WORK}`, '--descriptor_set_out=/dev/null', name]);
    const root = new protobuf.Root();
    root.loadSync(name, { keepCase: true }).resolveAll();
    const types = root.nestedArray.filter((type) => type instanceof protobuf.Type);
    let before = 0, after = 0;
    all.forEach((message, i) => {
      before += JSON.stringify(message).length;
      after += roundTrip(types[of[i]], message);
    });
    return `${before} bytes of JSON are ${after}`;
  });

  await test(`${capture}: Avro, and every message is valid`, () => {
    const schema = JSON.parse(infer(capture, '--as', 'avro'));
    const records = Array.isArray(schema) ? schema : [schema];
    const registry = {};
    const types = records.map((record) => avro.Type.forSchema(record, { registry, wrapUnions: false }));
    all.forEach((message, i) => {
      const value = renamed(records[of[i]], message);
      types[of[i]].isValid(value, { noUndeclaredFields: true, errorHook: (path) => assert.fail(`${path.join('.')} of ${JSON.stringify(message).slice(0, 300)}`) });
      assert.ok(types[of[i]].decode(types[of[i]].toBuffer(value)).value);
    });
  });

  await test(`${capture}: audit finds nothing undeclared, of another type, or without a message`, () => {
    const name = `${WORK}/inferred.yaml`;
    writeFileSync(name, infer(capture));
    const { findings } = JSON.parse(wirediet(['audit', '-q', '--format', 'json', '-s', name, '-p', at(capture), ...options], [0, 1]));
    const about = findings.filter(({ rule }) => ['WD103', 'WD104', 'WD105', 'WD106', 'WD601'].includes(rule));
    assert.deepEqual(about.map(({ rule, message, path }) => `${rule} ${message} ${path}`), []);
  });
}

// --- more traffic, the same schema ---

// Every line of the old text is still there, in its order.
function isAdded(before, after) {
  const lines = after.split('\n');
  let at = 0;
  for (const line of before.split('\n')) {
    at = lines.findIndex((other, i) => i >= at && (other === line || other === `${line},`)) + 1;
    if (at === 0) return line;
  }
  return undefined;
}

for (const extension of ['yaml', 'asyncapi.json']) {
  await test(`an old schema (${extension}) only gets more, once`, async () => {
    const capture = file('testdata/captures/chat-deflate.pcapng'), all = webSocket('testdata/captures/chat-deflate.pcapng', 8085);
    const [before, after, again] = ['before', 'after', 'again'].map((name) => `${WORK}/${name}.${extension}`);
    wirediet(['infer', '-q', '--to', '+0.1', '-o', before, capture]);
    wirediet(['infer', '-q', '-s', before, '-o', after, capture]);
    wirediet(['infer', '-q', '-s', after, '-o', again, capture]);
    assert.equal(isAdded(readFileSync(before, 'utf8'), readFileSync(after, 'utf8')), undefined);
    assert.equal(readFileSync(again, 'utf8'), readFileSync(after, 'utf8'));
    const { diagnostics } = await new Parser().parse(readFileSync(after, 'utf8'));
    assert.deepEqual(diagnostics.filter(({ severity }) => severity === 0).map(({ message }) => message), []);
    const [early, late] = [before, after].map((name) => validators(parse(readFileSync(name, 'utf8'))));
    const count = (fit) => all.filter((message) => fit.some((validate) => validate(message))).length;
    assert.equal(count(late), all.length);
    assert.ok(count(early) < all.length);
    return `${count(early)} messages fit before, ${count(late)} now`;
  });
}

await test('a schema that people wrote gets what it lacks, and keeps its comments', () => {
  const before = text('schemas/dashboard/dashboard.yaml');
  const after = wirediet(['infer', '-q', '-s', file('schemas/dashboard/dashboard.yaml'), file('testdata/dashboard/naive.pcapng')]);
  assert.equal(isAdded(before, after), undefined);
  assert.deepEqual(parse(after).components.schemas.Metrics.properties.requests.properties.queued, { type: 'integer' });
  const errors = closed(parse(after));
  for (const message of logged('testdata/dashboard/naive.messages.ndjson.gz')) assert.deepEqual(errors(message.type, message), []);
});

await test('an old .proto file keeps its numbers, and what is reserved', () => {
  const capture = file('testdata/dashboard/naive.pcapng'), all = logged('testdata/dashboard/naive.messages.ndjson.gz');
  const [before, after, again] = ['before', 'after', 'again'].map((name) => `${WORK}/${name}.proto`);
  const inferred = wirediet(['infer', '-q', '--as', 'proto', capture])
    .replace(/ {4}int64 queued = 4;.*\n/, '    reserved 4, 10 to 12;  // people say why\n')
    .replace(/ {2}message Flags \{[^]*?\n {2}\}\n/, '  message Flags { }\n')
    .replace(/\n\/\/ inventory[^]*?(?=\n\/\/ alert)/, '').replace(/ *Inventory inventory = 2;\n/, '');
  writeFileSync(before, inferred);
  wirediet(['infer', '-q', '-s', before, '-o', after, capture]);
  wirediet(['infer', '-q', '-s', after, '-o', again, capture]);
  assert.equal(readFileSync(again, 'utf8'), readFileSync(after, 'utf8'));
  run('protoc', [`--proto_path=${WORK}`, '--descriptor_set_out=/dev/null', after]);
  const root = new protobuf.Root().loadSync(after, { keepCase: true }).resolveAll();
  const number = (type, field) => root.lookupType(type).fields[field].id;
  assert.equal(number('Metrics.Requests', 'queued'), 13);
  assert.equal(number('SendLive', 'inventory'), 4);
  assert.equal(isAdded(inferred.replace('  message Flags { }\n', ''), readFileSync(after, 'utf8')), undefined);
  for (const message of all) roundTrip(root.lookupType(message.type[0].toUpperCase() + message.type.slice(1)), message);
});

// Price is the type of three fields in two messages, and each of them has something new.
await test('a message of a .proto file that is used in many places gains each field once', () => {
  const [lines, before, after, again] = ['shared.ndjson', 'shared.proto', 'shared-1.proto', 'shared-2.proto'].map((name) => `${WORK}/${name}`);
  const messages = Array.from({ length: 30 }, (_, i) => [
    { type: 'tick', bid: { value: i, size: 2 * i }, ask: { value: i, size: i, venue: { id: 7 } } },
    { type: 'trade', price: { value: i, size: i, currency: 'EUR', '\0': 1 } },
  ]).flat();
  writeFileSync(lines, messages.map((p) => `${JSON.stringify({ p })}\n`).join(''));
  writeFileSync(before, `syntax = "proto3";\nmessage Price { int64 value = 1; }
message Tick { string type = 1; Price bid = 2; Price ask = 3; }\nmessage Trade { string type = 1; Price price = 2; }\n`);
  wirediet(['infer', '-q', '-s', before, '--ndjson', 'payload=p', '-o', after, lines]);
  wirediet(['infer', '-q', '-s', after, '--ndjson', 'payload=p', '-o', again, lines]);
  assert.equal(readFileSync(again, 'utf8'), readFileSync(after, 'utf8'));
  const { fields } = new protobuf.Root().loadSync(after, { keepCase: true }).resolveAll().lookupType('Price');
  assert.deepEqual(Object.keys(fields).sort(), ['currency', 'size', 'value', 'venue']);
  assert.deepEqual(Object.values(fields).map((field) => field.id).sort(), [1, 2, 3, 4]);
});

await test('Protobuf without its schema: the inferred one has the numbers and types of the wire', () => {
  const capture = 'testdata/captures/desk-ws-protobuf.pcapng', name = `${WORK}/wire.proto`;
  writeFileSync(name, wirediet(['infer', '-q', '--as', 'proto', file(capture)]));
  run('protoc', [`--proto_path=${WORK}`, '--descriptor_set_out=/dev/null', name]);
  const root = new protobuf.Root().loadSync(name, { keepCase: true }).resolveAll();
  const lines = run('tshark', ['-r', file(capture), '-d', 'tcp.port==8078,http', '-Y', 'websocket.opcode==2', '-T', 'fields', '-e', 'tcp.srcport', '-e', 'data.data']);
  const payloads = lines.trim().split('\n').map((line) => line.split('\t')).filter(([, data]) => data && !data.includes(','));
  for (const [port, data] of payloads) {
    const type = root.lookupType(port === '8078' ? 'Message' : 'MessageReceived'), bytes = Buffer.from(data, 'hex');
    assert.equal(Buffer.from(type.encode(type.decode(bytes)).finish()).toString('hex'), data);
    assert.equal(type.verify(type.decode(bytes)), null);
  }
  assert.ok(payloads.length > 400);
  return `${payloads.length} messages, the same bytes again`;
});
