// A session of headless Chromium, seen twice: by dumpcap on the wire, and by the browser, which tells it through its own
// protocol, of which a HAR is made. The profiles of both must name the same messages and count the same fields.
// Needs the right to make a network namespace; skipped where that is missing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { profile, Skip, test, wirediet, WORK } from './lib.mjs';

const FIGURES = ['path', 'present', 'occurrences', 'key_bytes', 'value_bytes', 'syntax_bytes', 'whitespace_bytes', 'types', 'compared', 'changed',
  'toggled', 'distinct'];
const base = `${WORK}/browser`;
let seen; // { capture, har, truth }

const types = (counted) => counted.messages.map(({ name, channel, direction, count, payload_bytes: bytes, transport, fields }) => ({
  name, channel, direction, count, bytes, transport, fields: fields.map((field) => FIGURES.map((key) => field[key])) }));

await test('the browser and the wire tell the same messages and fields', () => {
  const permitted = spawnSync('unshare', ['-n', 'true']).status === 0;
  if (!permitted) throw new Skip('no permission to make a network namespace (needs root)');
  const { status, stderr } = spawnSync('unshare', ['-n', process.execPath, 'lib-browser.mjs', base], { encoding: 'utf8', timeout: 120000 });
  assert.equal(status, 0, stderr);
  // The browser chooses its connections: a body that came once on one would be no message if nobody named it.
  writeFileSync(`${base}.yaml`, 'messages:\n  - { channel: /poll, name: price }\n  - { channel: /report, name: report }\n');
  const [capture, har] = ['pcapng', 'har'].map((kind) => profile(`${base}.${kind}`, '--config', `${base}.yaml`));
  seen = { capture, har, truth: JSON.parse(readFileSync(`${base}.truth.json`)) };
  for (const counted of [seen.capture, seen.har]) {
    assert.equal(counted.totals.messages, seen.truth.messages);
    assert.equal(counted.totals.payload_bytes, seen.truth.payload_bytes);
  }
  assert.deepEqual(types(seen.har), types(seen.capture));
  assert.deepEqual(new Set(seen.har.messages.map(({ transport }) => transport)), new Set(['websocket', 'sse', 'http']));
  return `${seen.truth.messages} messages, ${seen.har.messages.length} types`;
});

await test('what a HAR does not contain is said, and in no figure', () => {
  if (!seen) throw new Skip('there is no session');
  const { har, capture } = seen;
  assert.equal(har.inputs[0].kind, 'har');
  assert.equal(har.totals.packets, 0);
  for (const layer of ['link', 'ip', 'transport', 'framing', 'control']) assert.ok(har.inputs[0].not_contained.includes(layer));
  assert.equal(Object.values(har.totals.layers).reduce((a, b) => a + b), har.totals.captured_bytes);
  assert.ok(har.messages.every((message) => !('wire_bits' in message) && message.fields.every((field) => !('wire_bits' in field))));
  assert.ok(capture.messages.every((message) => 'wire_bits' in message));
  for (const format of ['text', 'markdown']) {
    assert.match(wirediet(['profile', '--format', format, `${base}.har`]).replaceAll(/\s+/g, ' '), /Not contained in a HAR: link, IP, TCP/);
  }
  assert.match(wirediet(['report', '--format', 'html', '-p', `${base}.har`]), /Not contained in a HAR/);
});

await test('a HAR without its bodies says so', () => {
  if (!seen) throw new Skip('there is no session');
  const har = JSON.parse(readFileSync(`${base}.har`));
  for (const entry of har.log.entries) {
    entry.response.content.size = Buffer.byteLength(entry.response.content.text ?? '');
    delete entry.response.content.text;
    delete entry._webSocketMessages; // as Firefox and Safari have it
    delete entry._eventSourceMessages;
  }
  writeFileSync(`${base}-bare.har`, JSON.stringify(har));
  const { totals, undecoded } = profile(`${base}-bare.har`, '--config', `${base}.yaml`);
  assert.equal(totals.messages, 6); // what was posted is still there
  assert.deepEqual(undecoded.map(({ reason }) => reason), ['incomplete']);
});
