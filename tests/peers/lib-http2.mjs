// usage, inside a network namespace: node lib-http2.mjs json|events|grpc|websocket|upgrade BASE [tls]
// Plays the peers of http2.mjs, records BASE.pcapng, and writes what was said to BASE.truth.json. With `tls`, under TLS: its
// versions, and the file that gets its keys, are told by options of node (--tls-max-v1.2, --tls-keylog).
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import { Receiver, Sender } from './lib-websocket.mjs';

const [kind, base, wish] = process.argv.slice(2);
const isSecure = wish === 'tls';
const truth = { messages: 0, payload_bytes: 0, channels: {}, port: 0 };

function said(channel, direction, bytes) {
  const sum = (truth.channels[`${channel} ${direction}`] ??= { count: 0, bytes: 0 });
  sum.count++;
  sum.bytes += bytes;
  truth.messages++;
  truth.payload_bytes += bytes;
}

let seed = 20260404;
function below(n) { // xorshift32
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return (seed >>> 0) % n;
}
const words = ['steady', 'café', 'quote "this"', '\u{1f680}', 'lorem ipsum dolor sit amet'];
const body = (i) => JSON.stringify({
  seq: i, constant: 'the same in every message', text: Array.from({ length: below(i % 7 === 6 ? 4000 : 12) }, () => words[below(words.length)]).join(' '),
});

function certify() {
  const [key, cert] = [`${base}.key`, `${base}.crt`];
  spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1',
    '-days', '2', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}
const { key, cert } = isSecure ? certify() : {};

async function serve(onStream, options = {}) {
  const server = isSecure ? http2.createSecureServer({ key, cert, allowHTTP1: true, ...options }) : http2.createServer(options);
  server.on('stream', onStream);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  truth.port = server.address().port;
  return server;
}

const PADDINGS = ['PADDING_STRATEGY_NONE', 'PADDING_STRATEGY_MAX', 'PADDING_STRATEGY_ALIGNED'];
const padding = (i) => ({ paddingStrategy: http2.constants[PADDINGS[i % PADDINGS.length]] });

async function connect(options) {
  const session = http2.connect(`http${isSecure ? 's' : ''}://127.0.0.1:${truth.port}`, { ca: cert, ...options });
  session.on('error', () => {});
  await once(session, 'connect');
  return session;
}

async function ask(session, headers, text) {
  const stream = session.request(headers, { endStream: text === undefined });
  if (text !== undefined) stream.end(text);
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

// --- polled JSON: padded, compressed, large, with trailers, posted, over many streams at once ---

const ENCODERS = { identity: (text) => Buffer.from(text), gzip: zlib.gzipSync, br: zlib.brotliCompressSync, deflate: zlib.deflateSync };

function answer(stream, headers) {
  const encoding = headers['accept-encoding'] ?? 'identity';
  const path = headers[':path'].replace(/\?.*/, '');
  if (path === '/cancelled') {
    stream.on('error', () => {});
    stream.respond({ 'content-type': 'application/json' });
    stream.write('{"never":');
    return;
  }
  const text = body(below(100));
  stream.respond({ ':status': 200, 'content-type': 'application/json; charset=utf-8', 'x-note': 'n'.repeat(below(300)),
    ...(encoding === 'identity' ? {} : { 'content-encoding': encoding }) }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'x-checksum': `${below(1e6)}` }));
  said(path, 's2c', Buffer.byteLength(text));
  stream.end(ENCODERS[encoding](text));
}

// One who speaks no HTTP/2, to the same server.
async function askOld(server) {
  server.on('request', (request, response) => {
    if (request.httpVersionMajor > 1) return;
    const text = body(below(100));
    said(request.url, 's2c', Buffer.byteLength(text));
    response.setHeader('content-type', 'application/json');
    response.end(text);
  });
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  for (let n = 0; n < 12; n++) {
    const [response] = await once(https.get({ host: '127.0.0.1', port: truth.port, path: '/state/old', ca: cert, agent }), 'response');
    response.resume();
    await once(response, 'end');
  }
  agent.destroy();
}

async function json() {
  for (let i = 0; i < PADDINGS.length; i++) {
    const server = await serve(answer, { ...padding(i), settings: { headerTableSize: [4096, 0, 65536][i] } });
    truth.ports = [...(truth.ports ?? []), truth.port];
    const session = await connect({ ...padding(i + 1), settings: { headerTableSize: [65536, 4096, 0][i], maxFrameSize: 16384 << i } });
    for (const encoding of Object.keys(ENCODERS)) {
      for (let n = 0; n < 10; n++) await ask(session, { ':path': `/state/${encoding}?n=${n}`, 'accept-encoding': encoding });
    }
    await Promise.all(Array.from({ length: 50 }, () => ask(session, { ':path': '/state/many' })));
    for (let n = 0; n < 10; n++) {
      const text = body(n);
      said('/post', 'c2s', Buffer.byteLength(text));
      await ask(session, { ':path': '/post', ':method': 'POST', 'content-type': 'application/json' }, text);
    }
    for (let n = 0; n < 5; n++) {
      const stream = session.request({ ':path': '/cancelled' });
      stream.on('error', () => {});
      await once(stream, 'response');
      stream.close(http2.constants.NGHTTP2_CANCEL);
      await once(stream, 'close');
    }
    if (isSecure) await askOld(server);
    await new Promise((resolve) => { session.close(resolve); });
    server.close();
  }
}

// --- server-sent events ---

async function write(stream, text) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + 1 + below(700));
    if (!stream.write(bytes.subarray(at, end))) await once(stream, 'drain');
    at = end;
    if (below(3) === 0) await new Promise(setImmediate);
  }
}

async function publish(stream, headers) {
  const gzip = headers['accept-encoding'] === 'gzip' ? zlib.createGzip() : undefined;
  stream.respond({ 'content-type': 'text/event-stream', ...(gzip ? { 'content-encoding': 'gzip' } : {}) });
  gzip?.pipe(stream);
  const out = gzip ?? stream;
  await write(out, 'retry: 60000\n: hello\n\n');
  for (let i = 0; i < 40; i++) {
    const data = body(i);
    said(headers[':path'], 's2c', Buffer.byteLength(data));
    await write(out, `id: ${i}\n${i % 3 ? '' : 'event: tick\n'}data: ${data}\n\n`);
    if (gzip) await new Promise((resolve) => { gzip.flush(resolve); });
  }
  out.end();
}

async function events() {
  for (let i = 0; i < PADDINGS.length; i++) {
    const server = await serve(publish, padding(i));
    truth.ports = [...(truth.ports ?? []), truth.port];
    const session = await connect({ settings: { initialWindowSize: 1000 } }); // so that WINDOW_UPDATE matters
    const listen = (path, encoding) => ask(session, { ':path': path, accept: 'text/event-stream', 'accept-encoding': encoding });
    await Promise.all([listen('/events/a', 'identity'), listen('/events/b', 'identity'), listen('/events/z', 'gzip')]);
    await listen('/events/a', 'identity');
    await new Promise((resolve) => { session.close(resolve); });
    server.close();
  }
}

// --- gRPC: all four kinds of call, with and without compression ---

const PROTO = `syntax = "proto3"; package plant;
message Text { string text = 1; uint32 n = 2; }
service Line {
  rpc Unary(Text) returns (Text);
  rpc Upload(stream Text) returns (Text);
  rpc Watch(Text) returns (stream Text);
  rpc Chat(stream Text) returns (stream Text);
  rpc Fail(Text) returns (Text);
}`;

const text = (n) => ({ text: n % 9 === 8 ? words[below(words.length)].repeat(3000) : words[below(words.length)].repeat(below(20)), n });

function typesOf(service) {
  const heard = (channel, direction, codec) => (value) => {
    const bytes = codec(value);
    said(channel, direction, bytes.length);
    return bytes;
  };
  for (const method of Object.values(service)) {
    method.requestSerialize = heard(method.path, 'c2s', method.requestSerialize);
    method.responseSerialize = heard(method.path, 's2c', method.responseSerialize);
  }
  return service;
}

const handlers = {
  Unary: (call, callback) => callback(null, text(call.request.n)),
  Upload: (call, callback) => { let n = 0; call.on('data', () => n++); call.on('end', () => callback(null, text(n))); },
  Watch: async (call) => { for (let i = 0; i < call.request.n; i++) { call.write(text(i)); if (below(4) === 0) await sleep(1); } call.end(); },
  Chat: (call) => { call.on('data', ({ n }) => call.write(text(n))); call.on('end', () => call.end()); },
  Fail: (call, callback) => callback({ code: grpc.status.NOT_FOUND, details: 'not here' }),
};

async function calls(client) {
  for (let n = 0; n < 10; n++) await new Promise((resolve, reject) => { client.Unary(text(n), (error) => (error ? reject(error) : resolve())); });
  await new Promise((resolve, reject) => {
    const call = client.Upload((error) => (error ? reject(error) : resolve()));
    for (let n = 0; n < 20; n++) call.write(text(n));
    call.end();
  });
  const drain = async (call) => { call.resume(); await once(call, 'end'); };
  await Promise.all([drain(client.Watch({ ...text(1), n: 30 })), drain(client.Watch({ ...text(2), n: 25 }))]);
  const chat = client.Chat();
  for (let n = 0; n < 20; n++) { chat.write(text(n)); if (n % 3 === 0) await sleep(1); }
  chat.end();
  await drain(chat);
  await new Promise((resolve) => { client.Fail(text(1), () => resolve()); });
}

async function grpcCalls() {
  writeFileSync(`${base}.proto`, PROTO);
  const { plant } = grpc.loadPackageDefinition(loader.loadSync(`${base}.proto`));
  const service = typesOf(plant.Line.service);
  const client = grpc.makeClientConstructor(service, 'plant.Line');
  truth.ports = [];
  for (const algorithm of ['identity', 'gzip', 'deflate']) {
    const compression = grpc.compressionAlgorithms[algorithm];
    const server = new grpc.Server({ 'grpc.default_compression_algorithm': compression });
    server.addService(service, handlers);
    const port = await new Promise((resolve, reject) => {
      const credentials = isSecure ? grpc.ServerCredentials.createSsl(null, [{ private_key: key, cert_chain: cert }]) : grpc.ServerCredentials.createInsecure();
      server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
    });
    truth.port = port;
    truth.ports.push(port);
    const stub = new client(`127.0.0.1:${port}`, isSecure ? grpc.credentials.createSsl(cert) : grpc.credentials.createInsecure(), { 'grpc.default_compression_algorithm': compression });
    await calls(stub);
    stub.close();
    await new Promise((resolve) => { server.tryShutdown(resolve); });
  }
}

// --- WebSocket over HTTP/2: the frames are those of ws, the streams those of node ---

async function websocket() {
  Object.assign(truth, { pings: 0, pongs: 0, closes: 0 });
  for (const isDeflated of [false, true]) {
    const extension = isDeflated ? { 'sec-websocket-extensions': 'permessage-deflate' } : {};
    const server = await serve((stream, headers) => {
      if (headers[':protocol'] !== 'websocket') throw new Error('not a WebSocket');
      stream.respond({ ':status': 200, 'sec-websocket-protocol': 'chat', ...extension });
      const sender = new Sender(stream, { isMasked: false, isDeflated });
      const receiver = new Receiver(stream, { isServer: true, isDeflated });
      receiver.on('message', () => { const reply = body(below(20)); said('/chat', 's2c', Buffer.byteLength(reply)); sender.send(reply, below(3)); });
      receiver.on('ping', (data) => { truth.pongs++; sender.pong(data); });
      receiver.on('close', () => { sender.close(); stream.end(); });
    }, { settings: { enableConnectProtocol: true } });
    truth.ports = [...(truth.ports ?? []), truth.port];
    const session = await connect(padding(1));
    if (!session.remoteSettings.enableConnectProtocol) await once(session, 'remoteSettings');
    await Promise.all([1, 2].map(async () => {
      const stream = session.request({ ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/chat?token=1', 'sec-websocket-version': '13', ...extension }, { endStream: false });
      const sender = new Sender(stream, { isMasked: true, isDeflated });
      const receiver = new Receiver(stream, { isServer: false, isDeflated });
      receiver.on('close', () => stream.end());
      let left = 30;
      const say = () => { const text = body(left); said('/chat', 'c2s', Buffer.byteLength(text)); sender.send(text, below(3)); };
      say(); // before the answer
      await new Promise((resolve) => {
        receiver.on('message', () => {
          if (left % 7 === 0) { truth.pings++; sender.ping('p'); }
          if (--left) say(); else resolve();
        });
      });
      truth.closes++;
      sender.close();
      await once(stream, 'close');
    }));
    await new Promise((resolve) => { session.close(resolve); });
    server.close();
  }
}

// --- Upgrade from HTTP/1.1 by curl, to nghttpx; what stands behind that is not heard: it is no TCP ---

async function upgrade() {
  const state = body(6);
  const behind = http.createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(state);
  });
  rmSync(`${base}.socket`, { force: true });
  behind.listen(`${base}.socket`);
  await once(behind, 'listening');
  truth.ports = [truth.port = 8137];
  const proxy = spawn('nghttpx', ['--conf=/dev/null', '--frontend=127.0.0.1,8137;no-tls', `--backend=unix:${base}.socket`], { stdio: 'ignore' });
  const curl = promisify(execFile);
  for (let i = 0; ; i++) {
    if (await curl('curl', ['-s', 'http://127.0.0.1:8137/hello', '-o', '/dev/null']).then(() => true, () => false)) break;
    if (i > 50) throw new Error('nghttpx does not listen');
    await sleep(50);
  }
  const urls = Array(5).fill('http://127.0.0.1:8137/state.json');
  const { stdout } = await curl('curl', ['-sS', '--http2', ...urls]);
  if (stdout !== state.repeat(urls.length)) throw new Error(`curl got ${stdout}`);
  for (const _ of urls) said('/state.json', 's2c', Buffer.byteLength(state));
  proxy.kill();
}

const plays = { json, events, grpc: grpcCalls, websocket, upgrade };
spawnSync('ip', ['link', 'set', 'lo', 'up']);
const dumpcap = spawn('dumpcap', ['-q', '-i', 'lo', '-B', '64', '-w', `${base}.pcapng`], { stdio: 'ignore' });
await sleep(1000);
await plays[kind]();
await sleep(1000);
dumpcap.kill('SIGINT');
await once(dumpcap, 'exit');
writeFileSync(`${base}.truth.json`, JSON.stringify(truth));
process.exit(0);
