// tshark reads the same WebSocket captures and must count the same messages and payload bytes. It inflates messages of
// its own accord; where it does not (fragments that are compressed), the bytes on the wire must still agree.
import assert from 'node:assert/strict';
import { CAPTURES, file, json, profile, run, test } from './lib.mjs';

const DATA = new Set(['0', '1', '2']);
const list = (value) => (value === undefined ? [] : [value].flat());

function tshark(name) {
  const { ports } = json(`${name}.truth.json`);
  const packets = JSON.parse(run('tshark', ['-r', file(`${name}.pcapng`), '-d', `tcp.port==${ports[0]},http`,
    '-Y', 'websocket', '-T', 'json', '--no-duplicate-keys', '-J', 'websocket']));
  const sum = { messages: 0, wire: 0, payload: 0, isInflated: true };
  for (const frame of packets.flatMap(({ _source: { layers } }) => list(layers.websocket))) {
    if (!DATA.has(frame['websocket.opcode'])) continue;
    const isLast = frame['websocket.fin'] === '1';
    const length = Number(frame['websocket.payload_length_ext_64'] ?? frame['websocket.payload_length_ext_16']
      ?? frame['websocket.payload_length']);
    sum.wire += length;
    if (isLast) sum.messages++;
    const isPlain = isLast && frame['websocket.pmc'] !== '1' && frame['websocket.opcode'] !== '0';
    const shown = frame['websocket.payload']?.['websocket.payload.text'] ?? frame['websocket.payload.text'];
    if (isPlain) sum.payload += length;
    else if (isLast && typeof shown === 'string') sum.payload += Buffer.byteLength(shown);
    else if (isLast) sum.isInflated = false;
  }
  return sum;
}

for (const { name } of CAPTURES.filter(({ name }) => !name.includes('-sse-'))) {
  await test(`tshark and wirediet agree on ${name}`, () => {
    const { totals } = profile(file(`${name}.pcapng`));
    const theirs = tshark(name);
    assert.equal(totals.messages, theirs.messages);
    assert.equal(totals.wire_payload_bytes, theirs.wire);
    if (theirs.isInflated) assert.equal(totals.payload_bytes, theirs.payload);
    return `${theirs.messages} messages, ${theirs.wire} bytes on the wire`;
  });
}
