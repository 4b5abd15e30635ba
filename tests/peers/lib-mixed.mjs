// One of each thing that takes a library to read, said one after the other on the loopback interface: bodies and event streams in
// every coding over HTTP/1.1 and HTTP/2, gRPC, WebSocket under TLS.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { Duplex } from 'node:stream';
import zlib from 'node:zlib';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import { WebSocket, WebSocketServer } from 'ws';

const CODINGS = { gzip: [zlib.gzipSync, zlib.createGzip], deflate: [zlib.deflateSync, zlib.createDeflate],
  br: [zlib.brotliCompressSync, zlib.createBrotliCompress] };
// New in node 22.15; before, the program does it.
CODINGS.zstd = zlib.zstdCompressSync ? [zlib.zstdCompressSync, zlib.createZstdCompress] : [
  (text) => spawnSync('zstd', ['-c'], { input: text }).stdout,
  () => { const { stdin, stdout } = spawn('zstd', ['-c']); return Duplex.from({ writable: stdin, readable: stdout }); },
];
const ROUNDS = 6;
const body = (i) => JSON.stringify({ seq: i, name: 'the same', text: 'x'.repeat(i * 97) });

async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

async function drain(stream) {
  stream.resume();
  await once(stream, 'end');
}

// /state/CODING is polled, /events/CODING a stream.
function answer(path, said, out, respond) {
  const [, kind, coding] = path.split('/');
  const tell = (text) => { said.messages++; said.payload_bytes += text.length; return text; };
  if (kind === 'state') {
    respond({ 'content-type': 'application/json', 'content-encoding': coding });
    out.end(CODINGS[coding][0](tell(body(3))));
    return;
  }
  respond({ 'content-type': 'text/event-stream', 'content-encoding': coding });
  const encoder = CODINGS[coding][1]();
  encoder.pipe(out);
  for (let i = 0; i < ROUNDS; i++) encoder.write(`data: ${tell(body(i))}\n\n`);
  encoder.end();
}

async function askOverHttp1(said) {
  const server = http.createServer((request, response) => answer(request.url, said, response, (headers) => response.writeHead(200, headers)));
  const port = await listen(server), agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  for (const coding of Object.keys(CODINGS)) {
    for (const path of [...Array(ROUNDS).fill(`/state/${coding}`), `/events/${coding}`]) {
      const [response] = await once(http.get({ host: '127.0.0.1', port, path, agent }), 'response');
      await drain(response);
    }
  }
  agent.destroy();
  server.close();
}

async function askOverHttp2(said) {
  const server = http2.createServer();
  server.on('stream', (stream, headers) => answer(headers[':path'], said, stream, (more) => stream.respond({ ':status': 200, ...more })));
  const session = http2.connect(`http://127.0.0.1:${await listen(server)}`);
  for (const coding of Object.keys(CODINGS)) {
    for (const path of [...Array(ROUNDS).fill(`/state/${coding}`), `/events/${coding}`]) await drain(session.request({ ':path': path }));
  }
  await new Promise((resolve) => { session.close(resolve); });
  server.close();
}

async function call(said, base) {
  writeFileSync(`${base}.proto`, 'syntax = "proto3"; message Text { string text = 1; } service Line { rpc Watch(Text) returns (stream Text); }');
  const { Line } = grpc.loadPackageDefinition(loader.loadSync(`${base}.proto`));
  for (const method of Object.values(Line.service)) {
    for (const name of ['requestSerialize', 'responseSerialize']) {
      const serialize = method[name];
      method[name] = (value) => {
        const bytes = serialize(value);
        said.messages++;
        said.payload_bytes += bytes.length;
        return bytes;
      };
    }
  }
  const gzip = { 'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip };
  const server = new grpc.Server(gzip);
  server.addService(Line.service, { Watch: (stream) => { for (let i = 0; i < ROUNDS; i++) stream.write({ text: body(i) }); stream.end(); } });
  const port = await new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  const Client = grpc.makeClientConstructor(Line.service, 'Line');
  const stub = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), gzip);
  await drain(stub.Watch({ text: 'from now on' }));
  stub.close();
  await new Promise((resolve) => { server.tryShutdown(resolve); });
}

// Four connections one after the other, of each version.
async function whisper(said, base) {
  spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost', '-days', '2',
    '-keyout', `${base}.key`, '-out', `${base}.crt`], { stdio: 'ignore' });
  const [key, cert] = [readFileSync(`${base}.key`), readFileSync(`${base}.crt`)];
  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    const server = https.createServer({ key, cert, minVersion: version, maxVersion: version });
    const listener = new WebSocketServer({ server });
    const port = await listen(server);
    for (let i = 0; i < 4; i++) {
      const arriving = once(listener, 'connection');
      const client = new WebSocket(`wss://127.0.0.1:${port}/`, { rejectUnauthorized: false });
      const [other] = await arriving;
      const arrived = once(client, 'message');
      other.send(body(i));
      await arrived;
      client.close();
      await once(client, 'close');
      said.sealed++;
      said.reconnects += i > 0;
    }
    server.close();
  }
}

// Gives what was said in the open, and how many connections were sealed. `base`: of files that are needed.
export async function talkOfEverything(base) {
  const said = { messages: 0, payload_bytes: 0, sealed: 0, reconnects: 0, streams: 2 * Object.keys(CODINGS).length };
  await askOverHttp1(said);
  await askOverHttp2(said);
  await call(said, base);
  await whisper(said, base);
  return said;
}
