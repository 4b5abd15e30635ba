// HTTP/2 by real peers: node's http2 both ways, @grpc/grpc-js, ws frames in streams of node, each in cleartext and over TLS 1.2
// and 1.3; curl's Upgrade to nghttpx. They talk in a network namespace of their own while dumpcap listens. The profile of that capture must
// count what the applications themselves counted, and tshark must count the same frames. Also the captures in testdata.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { file, json, profile, run, Skip, test, WORK } from './lib.mjs';

const TLS = { 'TLS 1.2': ['--tls-max-v1.2'], 'TLS 1.3': ['--tls-min-v1.3'] };

function record(kind, version) {
  const permitted = spawnSync('unshare', ['-n', 'true']).status === 0;
  if (!permitted) throw new Skip('no permission to make a network namespace (needs root)');
  const base = `${WORK}/http2-${kind}${version?.replace(' ', '') ?? ''}`, keylog = version && `${base}.keylog`;
  if (version) writeFileSync(keylog, '', { mode: 0o600 });   // node adds to what is there
  const options = version ? [...TLS[version], `--tls-keylog=${keylog}`] : [];
  const { status, stderr } = spawnSync('unshare', ['-n', process.execPath, ...options, 'lib-http2.mjs', kind, base, ...(version ? ['tls'] : [])],
    { encoding: 'utf8', timeout: 100000 });
  assert.equal(status, 0, stderr);
  return { capture: `${base}.pcapng`, truth: JSON.parse(readFileSync(`${base}.truth.json`)), keylog };
}

const list = (value) => (value === undefined ? [] : [value].flat());

// What tshark is told that the ports carry: HTTP/2 in cleartext, or under TLS with these keys.
const carry = (ports, as, keylog) => (
  [...ports.flatMap((port) => ['-d', `tcp.port==${port},${as}`]), ...(keylog ? ['-o', `tls.keylog_file:${keylog}`] : [])]);

// Every HTTP/2 frame that tshark sees: type, length, padding.
function frames(capture, ports, as = 'http2', keylog) {
  const decode = carry(ports, as, keylog);
  const lines = run('tshark', ['-r', capture, ...decode, '-Y', 'http2', '-T', 'json', '--no-duplicate-keys', '-J', 'http2']);
  return JSON.parse(lines).flatMap(({ _source: { layers } }) => list(layers.http2)).flatMap((layer) => list(layer['http2.stream'] ?? layer.http2?.['http2.stream']));
}

function contentOf(capture, ports, as, keylog) {
  let [count, bytes] = [0, 0];
  for (const frame of frames(capture, ports, as, keylog)) {
    if (frame['http2.type'] !== '0') continue;
    const padding = frame['http2.flags_tree']?.['http2.flags.padded'] ?? frame['http2.flags.padded'];
    count++;
    bytes += Number(frame['http2.length']) - (padding === '1' || padding === true ? 1 + Number(frame['http2.padding'] ?? frame['http2.pad_length'] ?? 0) : 0);
  }
  return { count, bytes };
}

function grpcOf(capture, ports, as = 'http2', keylog) {
  const lengths = run('tshark', ['-r', capture, ...carry(ports, as, keylog), '-Y', 'grpc', '-T', 'fields', '-e', 'grpc.message_length']);
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

for (const version of Object.keys(TLS)) {
  const check = (kind) => {
    const { capture, truth, keylog } = record(kind, version);
    const counted = profile('--keylog', keylog, capture);
    agree(counted, truth);
    assert.equal(counted.tls.decrypted, counted.totals.connections);
    assert.deepEqual(counted.tls.ciphers.map((row) => `TLS ${row.version}`), [version]);
    const without = profile(capture);
    assert.equal(without.totals.messages, 0);
    assert.deepEqual(without.undecoded.map(({ reason }) => reason), ['tls-no-keys']);
    return { truth, counted, content: contentOf(capture, truth.ports, 'tls', keylog).bytes, capture, keylog, note: `${truth.messages} messages, ${truth.payload_bytes} bytes` };
  };
  await test(`node http2 over ${version}: polled JSON, and one who speaks HTTP/1.1 to the same server`, () => {
    const { counted: { totals, messages }, truth, content, note } = check('json');
    const old = messages.filter(({ channel }) => channel === '/state/old').reduce((sum, { wire_payload_bytes: bytes }) => sum + bytes, 0);
    assert.equal(truth.channels['/state/old s2c'].count, 36);
    assert.equal(totals.layers.undecoded, 15 * '{"never":'.length);
    assert.equal(totals.wire_payload_bytes + totals.layers.undecoded - old, content);
    return note;
  });
  for (const kind of ['events', 'websocket']) {
    await test(`node http2 over ${version}: ${kind}`, () => {
      const { counted: { totals, connections }, content, note } = check(kind);
      assert.equal(totals.layers.undecoded, 0);
      assert.equal(totals.layers.payload + totals.layers.framing + totals.layers.control, content);
      assert.equal(connections.opened, kind === 'events' ? 12 : 4);
      return note;
    });
  }
  await test(`grpc-js over ${version}: all four kinds of call, plain, gzip and deflate`, () => {
    const { counted: { totals }, truth, content, capture, keylog, note } = check('grpc');
    const theirs = grpcOf(capture, truth.ports, 'tls', keylog);
    assert.equal(totals.messages, theirs.count);
    assert.equal(totals.wire_payload_bytes, theirs.bytes);
    assert.equal(content, theirs.bytes + 5 * theirs.count);
    assert.equal(totals.layers.undecoded, 0);
    return note;
  });
}

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
