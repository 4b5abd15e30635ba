// Live peers: a server and clients made with ws, in every combination of permessage-deflate's parameters, and event
// streams of node's http read by eventsource, in every line ending and encoding. They talk in a network namespace of
// their own while dumpcap listens; the profile of that capture must count what the applications themselves counted.
// Needs the right to make a namespace; skipped where that is missing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { profile, Skip, test, WORK } from './lib.mjs';

function record(kind) {
  const permitted = spawnSync('unshare', ['-n', 'true']).status === 0;
  if (!permitted) throw new Skip('no permission to make a network namespace (needs root)');
  const base = `${WORK}/${kind}`;
  const { status, stderr } = spawnSync('unshare', ['-n', process.execPath, 'lib-live.mjs', kind, base], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return { capture: `${base}.pcapng`, truth: JSON.parse(readFileSync(`${base}.truth.json`)) };
}

function check(kind) {
  const { capture, truth } = record(kind);
  const counted = profile(capture);
  const { totals, connections, messages } = counted;
  assert.equal(Object.values(totals.layers).reduce((a, b) => a + b), totals.captured_bytes);
  const wrong = [];
  const channels = new Map();
  for (const { channel, direction, count, payload_bytes: bytes } of messages) {
    const sum = channels.get(`${channel} ${direction}`) ?? { count: 0, bytes: 0 };
    channels.set(`${channel} ${direction}`, { count: sum.count + count, bytes: sum.bytes + bytes });
  }
  for (const [channel, { count, bytes }] of Object.entries(truth.channels)) {
    const got = channels.get(channel) ?? { count: 0, bytes: 0 };
    if (got.count !== count || got.bytes !== bytes) {
      wrong.push(`${channel}: ${got.count} messages of ${got.bytes} bytes, sent were ${count} of ${bytes}`);
    }
  }
  assert.deepEqual(wrong, []);
  assert.equal(channels.size, Object.keys(truth.channels).length);
  assert.equal(totals.messages, truth.messages);
  assert.equal(totals.payload_bytes, truth.payload_bytes);
  for (const key of ['pings', 'pongs', 'closes']) if (key in truth) assert.equal(connections[key], truth[key], key);
  return `${channels.size} channels, ${truth.messages} messages, ${truth.payload_bytes} bytes`;
}

await test('ws with permessage-deflate in every combination of its parameters', () => check('websocket'));
await test('event streams with LF, CR, CRLF, BOM, gzip, deflate and br', () => check('sse'));
