// HTTP/2 by real peers: node's http2 both ways in cleartext, @grpc/grpc-js, ws frames in streams of node, curl's Upgrade
// to nghttpx. They talk in a network namespace of their own while dumpcap listens. The profile of that capture must
// count what the applications themselves counted, and tshark must count the same frames. Also the captures in testdata.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { file, json, profile, run, Skip, test, WORK } from './lib.mjs';

function record(kind) {
  const permitted = spawnSync('unshare', ['-n', 'true']).status === 0;
  if (!permitted) throw new Skip('no permission to make a network namespace (needs root)');
  const base = `${WORK}/http2-${kind}`;
  const { status, stderr } = spawnSync('unshare', ['-n', process.execPath, 'lib-http2.mjs', kind, base], { encoding: 'utf8', timeout: 100000 });
  assert.equal(status, 0, stderr);
  return { capture: `${base}.pcapng`, truth: JSON.parse(readFileSync(`${base}.truth.json`)) };
}

const list = (value) => (value === undefined ? [] : [value].flat());

// Every HTTP/2 frame that tshark sees: type, length, padding. `as` is what it is told that the ports carry.
function frames(capture, ports, as = 'http2') {
  const decode = ports.flatMap((port) => ['-d', `tcp.port==${port},${as}`]);
  const lines = run('tshark', ['-r', capture, ...decode, '-Y', 'http2', '-T', 'json', '--no-duplicate-keys', '-J', 'http2']);
  return JSON.parse(lines).flatMap(({ _source: { layers } }) => list(layers.http2)).flatMap((layer) => list(layer['http2.stream'] ?? layer.http2?.['http2.stream']));
}

function contentOf(capture, ports, as) {
  let [count, bytes] = [0, 0];
  for (const frame of frames(capture, ports, as)) {
    if (frame['http2.type'] !== '0') continue;
    const padding = frame['http2.flags_tree']?.['http2.flags.padded'] ?? frame['http2.flags.padded'];
    count++;
    bytes += Number(frame['http2.length']) - (padding === '1' || padding === true ? 1 + Number(frame['http2.padding'] ?? frame['http2.pad_length'] ?? 0) : 0);
  }
  return { count, bytes };
}

function grpcOf(capture, ports) {
  const decode = ports.flatMap((port) => ['-d', `tcp.port==${port},http2`]);
  const lengths = run('tshark', ['-r', capture, ...decode, '-Y', 'grpc', '-T', 'fields', '-e', 'grpc.message_length']);
  const all = lengths.split(/[\n,]/).filter(Boolean).map(Number);
  return { count: all.length, bytes: all.reduce((a, b) => a + b, 0) };
}

function sums(counted) {
  const channels = new Map();
  for (const { channel, direction, count, payload_bytes: bytes } of counted.messages) {
    const sum = channels.get(`${channel} ${direction}`) ?? { count: 0, bytes: 0 };
    channels.set(`${channel} ${direction}`, { count: sum.count + count, bytes: sum.bytes + bytes });
  }
  return Object.fromEntries(channels);
}

function agree(counted, truth) {
  assert.deepEqual(sums(counted), truth.channels);
  assert.equal(counted.totals.messages, truth.messages);
  assert.equal(counted.totals.payload_bytes, truth.payload_bytes);
  assert.equal(Object.values(counted.totals.layers).reduce((a, b) => a + b), counted.totals.captured_bytes);
  for (const key of ['pings', 'pongs', 'closes']) if (key in truth) assert.equal(counted.connections[key], truth[key], key);
}

function check(kind, undecoded = () => 0) {
  const { capture, truth } = record(kind);
  const counted = profile(capture);
  agree(counted, truth);
  assert.equal(counted.totals.layers.undecoded, undecoded(truth));
  const note = `${truth.messages} messages, ${truth.payload_bytes} bytes`;
  return { capture, truth, counted, note };
}

await test('node http2: polled JSON, padded, compressed, posted, cancelled', () => {
  // What was cancelled is a body that never became whole, 5 times on 3 connections. Every other body is polled.
  const { capture, truth, counted, note } = check('json', () => 15 * '{"never":'.length);
  const { bytes } = contentOf(capture, truth.ports);
  assert.equal(counted.totals.wire_payload_bytes + counted.totals.layers.undecoded, bytes);
  return note;
});

await test('node http2: event streams, padded and compressed, with small windows', () => {
  const { capture, truth, counted, note } = check('events');
  const { layers } = counted.totals;
  assert.equal(layers.payload + layers.framing + layers.control, contentOf(capture, truth.ports).bytes);
  assert.equal(counted.connections.opened, 12);
  return note;
});

await test('grpc-js: all four kinds of call, plain, gzip and deflate', () => {
  const { capture, truth, counted, note } = check('grpc');
  const theirs = grpcOf(capture, truth.ports);
  assert.equal(counted.totals.messages, theirs.count);
  assert.equal(counted.totals.wire_payload_bytes, theirs.bytes);
  assert.equal(counted.totals.layers.framing, 5 * theirs.count);
  assert.equal(contentOf(capture, truth.ports).bytes, theirs.bytes + 5 * theirs.count);
  assert.ok(counted.messages.every(({ transport }) => transport === 'grpc'));
  return note;
});

await test('WebSocket in streams of node http2, plain and deflated', () => {
  const { capture, truth, counted, note } = check('websocket');
  const { layers } = counted.totals;
  assert.equal(layers.payload + layers.framing + layers.control, contentOf(capture, truth.ports).bytes);
  assert.equal(counted.connections.opened, 4);
  return note;
});

await test('curl --http2: Upgrade to h2c, to nghttpx', () => {
  for (const tool of ['curl', 'nghttpx']) if (spawnSync('which', [tool]).status !== 0) throw new Skip(`${tool} is not installed`);
  const { capture, truth, counted, note } = check('upgrade');
  assert.equal(counted.totals.wire_payload_bytes, contentOf(capture, truth.ports, 'http').bytes);
  assert.equal(counted.totals.connections, 2); // one asked whether it listens
  return note;
});

await test('tshark and wirediet agree on line-grpc', () => {
  const { ports } = json('testdata/captures/line-grpc.truth.json');
  const { totals } = profile(file('testdata/captures/line-grpc.pcapng'));
  const theirs = grpcOf(file('testdata/captures/line-grpc.pcapng'), ports);
  assert.equal(totals.messages, theirs.count);
  assert.equal(totals.wire_payload_bytes, theirs.bytes);
  return `${theirs.count} messages, ${theirs.bytes} bytes`;
});

await test('tshark and wirediet agree on a capture with CONTINUATION and push', () => {
  const capture = file('testdata/public/arkime-http2-nghttp2.pcap');
  const { totals } = profile('-o', '-', capture);
  const all = frames(capture, [80]);
  const bytes = all.reduce((sum, frame) => sum + 9 + Number(frame['http2.length'] ?? 15), 0);
  assert.equal(totals.layers.undecoded, 0);
  assert.ok(all.some((frame) => frame['http2.type'] === '9') && all.some((frame) => frame['http2.type'] === '5'));
  assert.equal(totals.layers.http, bytes);
  return `${all.length} frames, ${bytes} bytes`;
});
