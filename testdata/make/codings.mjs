// usage: node codings.mjs OUTPUT_BASE
//
// One history in every content coding: event streams in gzip, deflate and br, flushed event by event, newline-delimited JSON in
// raw deflate, and JSON polled in gzip and zstd. Server and client in one process; `capture-codings` beside this file records
// the packets. Writes OUTPUT_BASE.truth.json.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import zlib from 'node:zlib';
import { Truth } from './truth.mjs';

const [base] = process.argv.slice(2);
const PORT = 8095;
const EVENTS = 40;
const truth = new Truth('codings.pcapng', {
  transport: 'http', ports: [PORT], description: 'one history in every content coding: streams flushed per message, and polled bodies',
});

const reading = (n) => JSON.stringify({
  type: 'reading', sensor: 'boiler-2', site: { name: 'Plant North', zone: 'Europe/Berlin' }, at: 1772528400000 + n * 1000,
  celsius: 71.5 + (n * 7 % 13) / 10, bar: 1.9, trace: createHash('sha256').update(`${n}`).digest('hex').slice(0, 16),
});

const streams = {
  '/events/gzip': ['gzip', zlib.createGzip, zlib.constants.Z_SYNC_FLUSH],
  '/events/deflate': ['deflate', zlib.createDeflate, zlib.constants.Z_SYNC_FLUSH],
  '/events/br': ['br', zlib.createBrotliCompress, zlib.constants.BROTLI_OPERATION_FLUSH],
  '/lines': ['deflate', zlib.createDeflateRaw, zlib.constants.Z_SYNC_FLUSH],
};
const polled = {
  '/reading/gzip': ['gzip', zlib.gzipSync],
  '/reading/zstd': ['zstd', (text) => execFileSync('zstd', ['-q', '-c'], { input: text })],
};

async function stream(response, path) {
  const [coding, create, flush] = streams[path];
  const isLines = path === '/lines';
  response.writeHead(200, { 'content-type': isLines ? 'application/x-ndjson' : 'text/event-stream', 'content-encoding': coding });
  const packer = create();
  packer.pipe(response);
  for (let n = 0; n < EVENTS; n++) {
    truth.message(path, 's2c', reading(n));
    packer.write(isLines ? `${reading(n)}\n` : `event: reading\nid: ${n}\ndata: ${reading(n)}\n\n`);
    await new Promise((done) => { packer.flush(flush, done); });
    await sleep(4);
  }
  packer.end();
}

let polls = 0;
const server = http.createServer((request, response) => {
  if (streams[request.url]) {
    stream(response, request.url);
    return;
  }
  const [coding, pack] = polled[request.url];
  const text = reading(polls++);
  truth.message(request.url, 's2c', text);
  const body = pack(text);
  response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': coding, 'content-length': body.length });
  response.end(body);
});
server.listen(PORT, '127.0.0.1');
await once(server, 'listening');

async function get(path, agent) {
  const [response] = await once(http.get({ host: '127.0.0.1', port: PORT, path, agent }), 'response');
  for await (const chunk of response) void chunk;
}

await Promise.all(Object.keys(streams).map((path) => get(path, new http.Agent())));
for (const path of Object.keys(polled)) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  for (let n = 0; n < 20; n++) await get(path, agent);
  agent.destroy();
}
server.close();
const { messages, payload_bytes: bytes } = truth.write(base, {});
console.error(`codings: ${messages} messages, ${bytes} payload bytes`);
