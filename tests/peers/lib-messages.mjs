// The messages of captures, taken out by others than wirediet: by the applications that logged them, by tshark, by a browser,
// and of server-sent events by hand.
import { gunzipSync, constants } from 'node:zlib';
import { file, json, lines, run } from './lib.mjs';

const list = (value) => (value === undefined ? [] : [value].flat());

// What an application logged.
export const logged = (name) => lines(name).map(({ payload }) => JSON.parse(payload));

// WebSocket messages in text; tshark inflates them.
export function webSocket(capture, port) {
  const packets = JSON.parse(run('tshark', ['-r', file(capture), '-d', `tcp.port==${port},http`, '-Y', 'websocket', '-T', 'json',
    '--no-duplicate-keys', '-J', 'websocket']));
  const texts = packets.flatMap(({ _source: { layers } }) => list(layers.websocket))
    .filter((frame) => frame['websocket.opcode'] === '1' && frame['websocket.fin'] === '1')
    .map((frame) => frame['websocket.payload']?.['websocket.payload.text'] ?? frame['websocket.payload.text']);
  return texts.filter((text) => typeof text === 'string').flatMap((text) => {
    try { return [JSON.parse(text)]; } catch { return []; } // what tshark itself shows only in part
  });
}

// The same and server-sent events, as a browser saw them.
export function har(name) {
  const entries = json(name).log.entries;
  const texts = entries.flatMap((entry) => [
    ...list(entry._webSocketMessages).filter(({ opcode }) => opcode === 1).map(({ data }) => data),
    ...list(entry._eventSourceMessages).map(({ data }) => data),
  ]);
  return texts.map((text) => JSON.parse(text));
}

// What a server sent on each connection: bytes.
function sent(capture, stream) {
  const text = run('tshark', ['-r', file(capture), '-q', '-z', `follow,tcp,raw,${stream}`]);
  const hex = text.split('\n').filter((line) => /^\t[0-9a-f]+$/.test(line)).map((line) => line.trim());
  return Buffer.from(hex.join(''), 'hex');
}

function dechunk(bytes) {
  const pieces = [];
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf('\r\n', at);
    const size = parseInt(bytes.subarray(at, end).toString(), 16);
    if (end < 0 || !(size > 0)) break;
    pieces.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return [Buffer.concat(pieces), bytes.subarray(bytes.indexOf('\r\n\r\n', at) + 4)];
}

// The data of the events in all responses, as WHATWG HTML 9.2.6 tells.
export function events(capture) {
  const streams = Number(run('tshark', ['-r', file(capture), '-T', 'fields', '-e', 'tcp.stream']).trim().split('\n').at(-1)) + 1;
  const texts = [];
  for (let stream = 0; stream < streams; stream++) {
    let bytes = sent(capture, stream);
    while (bytes.subarray(0, 5).toString() === 'HTTP/') {
      const head = bytes.subarray(0, bytes.indexOf('\r\n\r\n')).toString().toLowerCase();
      const [body, rest] = dechunk(bytes.subarray(head.length + 4));
      if (head.includes('text/event-stream')) {
        texts.push((head.includes('gzip') ? gunzipSync(body, { finishFlush: constants.Z_SYNC_FLUSH }) : body).toString());
      }
      bytes = rest;
    }
  }
  const blocks = texts.flatMap((text) => text.split(/(?:\r\n|\n|\r){2}/));
  const data = blocks.map((block) => block.split(/\r\n|\n|\r/).filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).replace(/^ /, '')).join('\n'));
  return data.filter((text) => text.startsWith('{') || text.startsWith('[')).map((text) => JSON.parse(text));
}
