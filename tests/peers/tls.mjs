// Live peers over TLS: node's https and ws with every suite that its OpenSSL has, twice each so that sessions are resumed;
// openssl's s_server and s_client with KeyUpdate, early data and HelloRetryRequest. wirediet must count what the applications
// counted, and tshark, given the same keys, must find as many bytes of application data.
// Needs the right to make a network namespace; skipped where that is missing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { profile, run, Skip, test, wirediet, WORK } from './lib.mjs';

function record(kind) {
  const permitted = spawnSync('unshare', ['-n', 'true']).status === 0;
  if (!permitted) throw new Skip('no permission to make a network namespace (needs root)');
  const base = `${WORK}/tls-${kind}`;
  const { status, stderr } = spawnSync('unshare', ['-n', process.execPath, 'lib-tls.mjs', kind, base], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return { capture: `${base}.pcapng`, keylog: `${base}.keylog`, truth: JSON.parse(readFileSync(`${base}.truth.json`)) };
}

// What was inside the records, whoever could make sense of it.
function dataBytes({ totals: { layers }, undecoded }) {
  const unknown = undecoded.filter(({ reason }) => reason === 'unknown-protocol' || reason === 'incomplete');
  return layers.http + layers.framing + layers.control + layers.payload + unknown.reduce((sum, { bytes }) => sum + bytes, 0);
}

function tsharkBytes(capture, keylog, streams) {
  const follow = Array.from({ length: streams }, (_, i) => ['-z', `follow,tls,raw,${i}`]).flat();
  const text = run('tshark', ['-r', capture, '-o', `tls.keylog_file:${keylog}`, '-q', ...follow]);
  return text.split('\n').filter((line) => /^\t?[0-9a-f]+$/.test(line)).reduce((sum, line) => sum + line.trim().length / 2, 0);
}

// Bodies of records that say they hold application data, without any key.
function tsharkSealed(capture) {
  const list = (value) => (value === undefined ? [] : [value].flat());
  const packets = JSON.parse(run('tshark', ['-r', capture, '-Y', 'tls', '-T', 'json', '--no-duplicate-keys', '-J', 'tls']));
  const records = packets.flatMap(({ _source: { layers } }) => list(layers.tls)).flatMap((layer) => list(layer['tls.record']));
  const isData = (record) => (record['tls.record.opaque_type'] ?? record['tls.record.content_type']) === '23';
  return { records: records.length, bytes: records.filter(isData).reduce((sum, record) => sum + Number(record['tls.record.length']), 0) };
}

const sum = (ciphers, key) => ciphers.reduce((all, { [key]: { c2s, s2c } }) => all + c2s + s2c, 0);

function check(kind, { withTshark = true } = {}) {
  const { capture, keylog, truth } = record(kind);
  const counted = profile('--keylog', keylog, capture);
  const { totals, messages, undecoded, tls } = counted;
  if (!tls) throw new Skip('node has none of these suites');
  assert.equal(Object.values(totals.layers).reduce((a, b) => a + b), totals.captured_bytes);
  assert.deepEqual(undecoded.filter(({ reason }) => reason !== 'unknown-protocol'), []);
  assert.equal(tls.decrypted, tls.connections - truth.refused.length, JSON.stringify(tls));
  const got = {};
  for (const { channel, direction, count, payload_bytes: bytes } of messages) {
    const sum = (got[`${channel} ${direction}`] ??= { count: 0, bytes: 0 });
    sum.count += count;
    sum.bytes += bytes;
  }
  assert.deepEqual(Object.entries(got).sort(), Object.entries(truth.channels).sort());
  assert.equal(totals.messages, truth.messages);
  assert.equal(totals.payload_bytes, truth.payload_bytes);
  if (withTshark) assert.equal(dataBytes(counted), tsharkBytes(capture, keylog, totals.connections));
  const without = profile(capture);
  assert.equal(without.totals.messages, 0);
  assert.equal(without.tls.decrypted, 0);
  assert.ok(without.undecoded.some(({ reason, bytes }) => reason === 'tls-no-keys' && bytes > truth.payload_bytes));
  assert.equal(without.connections.opened, 0);
  const strip = ({ decrypted, ...row }) => row;
  assert.deepEqual(without.tls.ciphers.map(strip), tls.ciphers.map(strip));
  assert.equal(sum(tls.ciphers, 'records'), tls.records);
  if (withTshark) assert.deepEqual({ records: tls.records, bytes: sum(tls.ciphers, 'data_bytes') }, tsharkSealed(capture));
  if ('reconnects' in truth) {
    assert.equal(counted.connections.reconnects, truth.reconnects);
    assert.equal(without.connections.reconnects, truth.reconnects);
  }
  return { counted, truth, capture };
}

const summary = ({ counted, truth }) => (
  `${counted.tls.ciphers.length} ciphers, ${truth.connections} connections, ${truth.resumed} resumed, ${truth.messages} messages`);

await test('ws over TLS 1.2 with every suite that node has', () => {
  const result = check('suites12');
  const ciphers = new Set(result.counted.tls.ciphers.filter(({ decrypted }) => decrypted).map(({ cipher }) => cipher));
  for (const part of ['AES_128_GCM', 'AES_256_GCM', 'CHACHA20', 'AES_128_CCM', 'AES_256_CCM_8', 'AES_128_CBC_SHA', 'AES_256_CBC_SHA384']) {
    assert.ok([...ciphers].some((cipher) => cipher.includes(part)), `no ${part}`);
  }
  assert.ok(ciphers.size >= 30, `only ${ciphers.size} ciphers; ${result.truth.refused.join(', ')}`);
  assert.ok(result.truth.resumed > 0);
  return summary(result);
});
await test('ws over TLS 1.2 with ARIA, of which tshark has no cipher', () => summary(check('aria', { withTshark: false })));
await test('ws over TLS 1.3 with every suite', () => {
  const result = check('suites13');
  assert.equal(result.counted.tls.ciphers.filter(({ version, decrypted }) => version === '1.3' && decrypted).length, 5);
  assert.ok(result.truth.resumed > 0);
  return summary(result);
});
await test('a client that comes back is seen, with keys and without', () => {
  const result = check('again');
  assert.equal(result.counted.connections.opened, result.truth.connections);
  // The name of a server is a captured value.
  const { capture } = result;
  for (const format of ['text', 'json', 'markdown', 'csv']) assert.doesNotMatch(wirediet(['profile', '--format', format, '--all', capture]), /hush/);
  const { tls } = profile('--show-values=force', capture);
  assert.deepEqual(tls.server_names, [{ name: 'hush.example', connections: 2 }]);
  assert.match(wirediet(['profile', '--show-values=force', capture]), /\n {2}hush\.example {2}2 connections\n/);
  return `${result.truth.reconnects} reconnections`;
});
await test('event streams of https', () => summary(check('events')));
await test('openssl with KeyUpdate, early data and HelloRetryRequest', () => {
  const { counted, truth } = check('openssl');
  assert.ok(truth.updated, 's_client sent no KeyUpdate');
  assert.ok(truth.early, 'early data was not accepted');
  assert.equal(dataBytes(counted), truth.app_bytes);
  return `${truth.connections} connections, ${dataBytes(counted)} bytes of data`;
});
