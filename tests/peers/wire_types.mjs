// WD304 held against protobufjs: messages are encoded by a schema whose types are badly chosen, and again by one that follows
// the advice. The bytes between them are what the finding says that it saves.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import { WORK, test, wirediet } from './lib.mjs';

let seed = 7;
function dice(sides) {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  return (seed >>> 8) % sides;
}
const hex = (n) => Array.from({ length: n }, () => dice(16).toString(16)).join('');
const uuid = () => `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`;
const bytesOf = (text) => Buffer.from(text.replaceAll('-', ''), 'hex');

const schema = (fields, more = '') => `syntax = "proto3";\npackage p;\n${more}\nmessage Item { ${fields} }\n` +
  'message Feed { uint32 seq = 1; repeated Item items = 2; }\n';
const typeOf = (text) => protobuf.parse(text, { keepCase: true }).root.resolveAll().lookupType('p.Feed');

function har(bodies) {
  return JSON.stringify({ log: { version: '1.2', creator: { name: 'test', version: '1' }, entries: [{
    startedDateTime: '2026-01-01T00:00:00.000Z', time: 1, _resourceType: 'websocket', connection: '1',
    request: { method: 'GET', url: 'ws://127.0.0.1/feed', httpVersion: 'HTTP/1.1', headers: [], queryString: [], cookies: [], headersSize: -1, bodySize: 0 },
    response: { status: 101, statusText: '', httpVersion: 'HTTP/1.1', headers: [], cookies: [], content: { size: 0, mimeType: '' },
                redirectURL: '', headersSize: -1, bodySize: 0 },
    cache: {}, timings: { send: 0, wait: 0, receive: 0 },
    _webSocketMessages: bodies.map((body, i) => ({ type: 'receive', time: 1767225600 + i, opcode: 2, data: Buffer.from(body).toString('base64') })),
  }] } });
}

// `now` and `then`: the fields of an item as declared and as advised; `draw`: a random item; `turned`: the same for `then`.
async function check(name, habit, { now, then, more, draw, turned = (item) => item, path = 'items[].v', known = true }) {
  await test(name, () => {
    const before = typeOf(schema(now)), after = typeOf(schema(then, more));
    const feeds = Array.from({ length: 200 }, (_, seq) => ({ seq: seq + 1, items: Array.from({ length: 1 + dice(3) }, draw) }));
    const bodies = feeds.map((feed) => before.encode(before.fromObject(feed)).finish());
    const small = feeds.map((feed) => after.encode(after.fromObject({ ...feed, items: feed.items.map(turned) })).finish());
    const base = `${WORK}/${habit}`;
    writeFileSync(`${base}.proto`, schema(now));
    writeFileSync(`${base}.har`, har(bodies));
    const evidence = known ? ['-s', `${base}.proto`] : ['--config', `${base}.yaml`, '-s', `${base}.json`];
    if (!known) {
      writeFileSync(`${base}.json`, JSON.stringify({ $id: 'none', type: 'object' }));
      writeFileSync(`${base}.yaml`, 'messages:\n  - {channel: /feed, codec: protobuf}\n');
    }
    const { findings } = JSON.parse(wirediet(['audit', '--format', 'json', '--all', '--fail-on', 'none', ...evidence, '-p', `${base}.har`]));
    const found = findings.find((f) => f.rule === 'WD304' && f.path === path);
    assert.ok(found, `no WD304 on ${path}: ${JSON.stringify(findings.map((f) => [f.rule, f.path]))}`);
    assert.equal(found.evidence.habit, habit);
    const bytes = (list) => list.reduce((sum, body) => sum + body.length, 0);
    assert.equal(found.saves_bytes, bytes(bodies) - bytes(small));
    return `${found.saves_bytes} of ${bytes(bodies)} bytes`;
  });
}

const number = (least, most) => least + dice(most - least);
await check('int32 that goes negative', 'negative-varint',
  { now: 'int32 v = 1;', then: 'sint32 v = 1;', draw: () => ({ v: number(-300, 200) || 1 }) });
await check('int32 that goes negative, without a schema', 'negative-varint',
  { now: 'int32 v = 1; string pad = 2;', then: 'sint32 v = 1; string pad = 2;', draw: () => ({ v: number(-300, 200) || 1, pad: 'padding that is text' }),
    path: '2[].1', known: false });
await check('fixed64 for small numbers', 'small-fixed',
  { now: 'fixed64 v = 1;', then: 'uint64 v = 1;', draw: () => ({ v: 1 + dice(70000) }) });
await check('sfixed32 for small numbers around zero', 'small-fixed',
  { now: 'sfixed32 v = 1;', then: 'sint32 v = 1;', draw: () => ({ v: number(-90, 90) || 1 }) });
await check('uint64 for large numbers', 'large-varint',
  { now: 'uint64 v = 1;', then: 'fixed64 v = 1;', draw: () => ({ v: `${9000000000000000000n + BigInt(dice(1e9))}` }) });
await check('uint32 for large numbers', 'large-varint',
  { now: 'uint32 v = 1;', then: 'fixed32 v = 1;', draw: () => ({ v: 3000000000 + dice(1e9) }) });
await check('numbers in a list, each with a tag', 'unpacked',
  { now: 'repeated int32 v = 1 [packed = false];', then: 'repeated int32 v = 1 [packed = true];', path: 'items[].v[]',
    draw: () => ({ v: Array.from({ length: dice(9) }, () => dice(500)) }) });
await check('a UUID as text', 'text-uuid',
  { now: 'string v = 1;', then: 'bytes v = 1;', draw: () => ({ v: uuid() }), turned: ({ v }) => ({ v: bytesOf(v).toString('base64') }) });
await check('an enum as text', 'text-enum',
  { now: 'string v = 1;', then: 'Phase v = 1;', more: 'enum Phase { NONE = 0; STARTED = 1; RUNNING = 2; STOPPED = 3; }',
    draw: () => ({ v: ['STARTED', 'RUNNING', 'STOPPED'][dice(3)] }) });
await check('a number above 15 on what is sent most', 'high-number',
  { now: 'uint32 v = 17; uint32 a = 1; ' + 'bcdefghijklmno'.split('').map((c, i) => `uint32 ${c} = ${i + 2};`).join(' '),
    then: 'uint32 v = 2; uint32 a = 1; uint32 b = 17; ' + 'cdefghijklmno'.split('').map((c, i) => `uint32 ${c} = ${i + 3};`).join(' '),
    draw: () => ({ v: 1 + dice(99), a: 1, ...(dice(4) ? {} : { b: 5 }), ...Object.fromEntries('cdefghijklmno'.split('').map((c) => [c, 1 + dice(9)])) }) });
