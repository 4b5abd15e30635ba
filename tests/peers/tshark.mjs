// tshark reads the same WebSocket captures and must count the same messages and payload bytes. It inflates messages of
// its own accord; where it does not (fragments that are compressed), the bytes on the wire must still agree.
import assert from 'node:assert/strict';
import { CAPTURES, file, json, profile, test } from './lib.mjs';
import { countWebSocket } from './lib-tshark.mjs';

for (const { name } of CAPTURES.filter(({ name }) => !name.includes('-sse-'))) {
  await test(`tshark and wirediet agree on ${name}`, () => {
    const capture = file(`${name}.pcapng`);
    const { totals } = profile(capture);
    const theirs = countWebSocket(capture, json(`${name}.truth.json`).ports[0]);
    assert.equal(totals.messages, theirs.messages);
    assert.equal(totals.wire_payload_bytes, theirs.wire);
    if (theirs.isInflated) assert.equal(totals.payload_bytes, theirs.payload);
    return `${theirs.messages} messages, ${theirs.wire} bytes on the wire`;
  });
}
