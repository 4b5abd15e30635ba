// Random messages by the encoders of npm, as WebSocket messages: the fields that decode sees are those that were told to the
// encoder, each with the bytes that it writes for them. MESSAGES=10000 for more.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { Encoder as MsgpackEncoder } from '@msgpack/msgpack';
import cbor from 'cbor';
import { test, wirediet, WORK } from './lib.mjs';

const COUNT = Number(process.env.MESSAGES ?? 500);
const BATCH = 500;

// --- random values ---

function dice(seed) { // mulberry32
  let state = seed;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % sides;
  };
}

const KEYS = ['id', 'name', 'cpu', 'load', 'x y', 'a.b', 'ü', 'say "so"', 'k0', 'k1', 'type', 'items', 'deadbeef00', 'event_type', 'ts',
  'a key that is longer than any short head can say'];
const TEXTS = ['', 'a', 'hello', '€ 5', 'line\nline', '"quoted\\"', '\u0001\u001f', '2026-11-30T02:00:00Z', '12', 'null', '𐅑', 'x'.repeat(31), 'y'.repeat(32),
  'z'.repeat(300)];
const NUMBERS = [0.5, 0.1, -0.1, 1e300, -1e-300, 1234567.891, 3.0000000001, 2 ** 53, -(2 ** 53), 2 ** 32, -(2 ** 31) - 1, 1.5e9, Infinity, -Infinity];

function scalar(roll) {
  switch (roll(9)) {
    case 0: return null;
    case 1: return roll(2) === 0;
    case 2: return NUMBERS[roll(NUMBERS.length)];
    case 3: return roll(2 ** 31) / 1000;
    case 4: return TEXTS[roll(TEXTS.length)];
    case 5: return Buffer.from(Array.from({ length: roll(40) }, () => roll(256)));
    case 6: return (roll(2) ? 1n : -1n) * ((2n ** BigInt(33 + roll(30))) + BigInt(roll(1000)));
    case 7: return new Date(Math.floor(1.7e12 + roll(2 ** 31) * (roll(2) ? 1 : 1000)));
    default: return (roll(2) ? 1 : -1) * Math.floor(roll(2 ** 32) / 2 ** roll(32));
  }
}

function value(roll, depth = 0) {
  const kind = depth === 0 ? 6 + roll(2) : roll(depth < 5 ? 8 : 6);
  if (kind < 6) return scalar(roll);
  const items = Array.from({ length: roll(7) }, () => value(roll, depth + 1));
  return kind === 6 ? items : Object.fromEntries(items.map((item) => [KEYS[roll(KEYS.length)], item]));
}

// --- what decode must see ---

const member = (path, key) => {
  if (key === 'deadbeef00') return `${path}{}`; // shaped like an identifier
  const step = /^[A-Za-z_][A-Za-z0-9_-]*$/.test(key) ? key : JSON.stringify(key);
  return path ? `${path}.${step}` : step;
};

// Type, and whether a text says the value.
function meaning(item) {
  if (item === null) return ['null', (text) => text === 'null'];
  if (Buffer.isBuffer(item)) return ['bytes', (text) => text === item.toString('hex')];
  if (item instanceof Date) return [item % 1000 ? 'number' : 'integer', (text) => Number(text) * 1000 === Number(item)];
  switch (typeof item) {
    case 'boolean': return ['boolean', (text) => text === String(item)];
    case 'string': return ['string', (text) => text === item];
    case 'bigint': return ['integer', (text) => text === String(item)];
    default: return [Number.isInteger(item) ? 'integer' : 'number', (text) => Number(text.replace('inf', 'Infinity')) === item];
  }
}

function* fields(item, path = '', key = undefined) {
  if (Array.isArray(item)) {
    yield { path, key, type: 'array' };
    for (const element of item) yield* fields(element, `${path}[]`);
  } else if (item?.constructor === Object) {
    yield { path, key, type: 'object' };
    for (const [name, inner] of Object.entries(item)) yield* fields(inner, member(path, name), name);
  } else {
    const [type, says] = meaning(item);
    yield { path, key, type, says, item };
  }
}

function check(body, payload, expected, encode) {
  assert.equal(payload.bytes, body.length);
  assert.equal(payload.fields.length, expected.length);
  let sum = 0;
  payload.fields.forEach((got, i) => {
    const want = expected[i];
    const what = `${want.path || '.'} in ${body.toString('hex').slice(0, 200)}`;
    assert.equal(got.path, want.path || '.', what);
    assert.equal(got.type, want.type, what);
    assert.equal(got.key_bytes, want.key === undefined ? 0 : encode(want.key).length, what);
    assert.equal(got.whitespace_bytes, 0, what);
    if (want.says) {
      assert.ok(want.says(got.value), `${what}: ${got.value}`);
      assert.equal(got.value_bytes + got.syntax_bytes, encode(want.item).length, what); // a tag is syntax
    } else {
      assert.equal(got.value_bytes, 0, what);
    }
    sum += got.key_bytes + got.value_bytes + got.syntax_bytes;
  });
  assert.equal(sum, body.length);
}

// --- messages ---

// A binary message of one frame, as servers send it.
function frame(body) {
  const head = body.length < 126 ? Buffer.from([0x82, body.length]) : Buffer.from([0x82, 126, body.length >> 8, body.length & 255]);
  return Buffer.concat([head, body]);
}

function batch(codec, encode, first, count) {
  const values = Array.from({ length: count }, (_, i) => value(dice(Math.floor((first + i) / 2)))); // twice each, so that keys are guessed
  const bodies = values.map((item) => Buffer.from(encode(item)));
  const name = `${WORK}/pack.bin`;
  writeFileSync(name, Buffer.concat(bodies.map(frame)));
  const messages = JSON.parse(wirediet(['decode', '-q', '--codec', codec, '--stream', 'websocket', '--show-values=force', '--format', 'json', name]));
  assert.equal(messages.length, count);
  let looked = 0;
  messages.forEach(({ payload }, i) => {
    const expected = [...fields(values[i])];
    check(bodies[i], payload, expected, encode);
    looked += expected.length;
  });
  return looked;
}

const msgpack = new MsgpackEncoder({ useBigInt64: true });
const ENCODERS = [
  ['@msgpack/msgpack', 'msgpack', (item) => msgpack.encode(item)],
  ['cbor', 'cbor', (item) => cbor.encodeOne(item, { highWaterMark: 2 ** 20 })],
];

for (const [name, codec, encode] of ENCODERS) {
  await test(`${COUNT} random messages of ${name}`, () => {
    let looked = 0;
    for (let first = 0; first < COUNT; first += BATCH) looked += batch(codec, encode, first, Math.min(BATCH, COUNT - first));
    return `${looked} fields`;
  });
}
