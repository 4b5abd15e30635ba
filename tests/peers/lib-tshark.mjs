// What tshark makes of the WebSocket frames in a capture.
import { run } from './lib.mjs';

const DATA = new Set(['0', '1', '2']);
const list = (value) => (value === undefined ? [] : [value].flat());

// Messages, their bytes on the wire, and, where tshark inflates or need not, their payload bytes.
export function countWebSocket(capture, port, ...more) {
  const packets = JSON.parse(run('tshark', ['-r', capture, '-d', `tcp.port==${port},http`, ...more,
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
