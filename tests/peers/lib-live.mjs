// usage, inside a network namespace: node lib-live.mjs websocket|sse BASE
// Plays the peers of live.mjs, records BASE.pcapng, and writes what was said to BASE.truth.json.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import zlib from 'node:zlib';
import { EventSource } from 'eventsource';
import { WebSocket, WebSocketServer } from 'ws';

const [kind, base] = process.argv.slice(2);
const truth = { messages: 0, payload_bytes: 0, channels: {} };

function said(channel, direction, text) {
  const bytes = Buffer.byteLength(text);
  const sum = (truth.channels[`${channel} ${direction}`] ??= { count: 0, bytes: 0 });
  sum.count++;
  sum.bytes += bytes;
  truth.messages++;
  truth.payload_bytes += bytes;
}

let seed = 20260303;
function below(n) { // xorshift32
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return (seed >>> 0) % n;
}
const words = ['steady', 'café', 'quote "this"', 'line\nbreak', '\u{1f680}', 'lorem ipsum dolor sit amet'];
const body = (i) => JSON.stringify({
  type: i % 5 ? 'tick' : 'note', seq: i, constant: 'the same in every message of this connection',
  text: Array.from({ length: below(i % 7 === 6 ? 900 : 12) }, () => words[below(words.length)]).join(' '),
});

// --- WebSocket ---

// Sends whole or in fragments, with pings in between, compressed or not, as text or binary.
function send(socket, channel, direction, i) {
  const text = body(i);
  said(channel, direction, text);
  const options = { compress: below(5) > 0, binary: below(6) === 0 };
  const bytes = Buffer.from(text);
  const fragments = below(3) === 0 ? 2 + below(3) : 1;
  for (let part = 0; part < fragments; part++) {
    const piece = bytes.subarray(Math.floor(part * bytes.length / fragments), Math.floor((part + 1) * bytes.length / fragments));
    socket.send(piece, { ...options, fin: part === fragments - 1 });
    if (part < fragments - 1 && below(2)) {
      truth.pings++;
      socket.ping(`between ${part}`);
    }
  }
}

async function talk(parameters) {
  const perMessageDeflate = { ...parameters, threshold: 0 };
  const { serverNoContextTakeover: s, clientNoContextTakeover: c, serverMaxWindowBits, clientMaxWindowBits } = parameters;
  const channel = `/deflate/s${serverMaxWindowBits}${s ? 'n' : 't'}/c${clientMaxWindowBits}${c ? 'n' : 't'}`;
  const listener = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate });
  await once(listener, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${listener.address().port}${channel}`, { perMessageDeflate });
  const [server] = await once(listener, 'connection');
  if (client.readyState !== WebSocket.OPEN) await once(client, 'open');
  if (!client.extensions.includes('permessage-deflate')) throw new Error(`${channel}: no compression`);
  let missing = 0;
  const arrived = new Promise((resolve) => {
    for (const socket of [server, client]) {
      socket.on('message', () => { if (--missing === 0) resolve(); });
      socket.on('pong', () => truth.pongs++);
    }
  });
  const expected = 12;
  missing = 2 * expected;
  for (let i = 0; i < expected; i++) {
    send(server, channel, 's2c', i);
    send(client, channel, 'c2s', i);
    if (i % 4 === 3) await sleep(1);
  }
  await arrived;
  while (truth.pongs < truth.pings) await sleep(1);
  truth.closes++;
  client.close(1000, 'done');
  await once(client, 'close');
  listener.close();
}

async function websocket() {
  Object.assign(truth, { pings: 0, pongs: 0, closes: 0 });
  for (const serverNoContextTakeover of [false, true]) {
    for (const clientNoContextTakeover of [false, true]) {
      for (let serverMaxWindowBits = 9; serverMaxWindowBits <= 15; serverMaxWindowBits++) {
        for (let clientMaxWindowBits = 9; clientMaxWindowBits <= 15; clientMaxWindowBits++) {
          await talk({ serverNoContextTakeover, clientNoContextTakeover, serverMaxWindowBits, clientMaxWindowBits });
        }
      }
    }
  }
}

// --- server-sent events ---

const ENCODERS = { identity: undefined, gzip: zlib.createGzip, deflate: zlib.createDeflate, br: zlib.createBrotliCompress };
const ENDINGS = { lf: '\n', cr: '\r', crlf: '\r\n' };
const EVENTS = 25;

async function write(out, text) { // in pieces that do not care for lines or characters
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + 1 + below(400));
    out.write(bytes.subarray(at, end));
    at = end;
    if (below(4) === 0) await new Promise((resolve) => { out.flush ? out.flush(resolve) : setImmediate(resolve); });
  }
}

async function stream(request, response) {
  const [, , ending, bom, encoding] = request.url.split('/');
  const eol = ENDINGS[ending];
  const headers = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' };
  if (encoding !== 'identity') headers['Content-Encoding'] = encoding;
  response.writeHead(200, headers);
  const encoder = ENCODERS[encoding]?.();
  encoder?.pipe(response);
  const out = encoder ?? response;
  await write(out, `${bom === 'bom' ? '\ufeff' : ''}retry: 60000${eol}: hello${eol}${eol}`);
  for (let i = 0; i <= EVENTS; i++) {
    const data = i === EVENTS ? 'end' : body(i).replaceAll('},', '},\n').replaceAll('",', '",\n');
    said(request.url, 's2c', data);
    const lines = [`id: ${i}`, ...(i % 3 && i < EVENTS ? [] : [`event: ${i < EVENTS ? 'tick' : 'end'}`]),
      ...data.split('\n').map((line) => `data:${i % 2 ? ' ' : ''}${line}`), ''];
    await write(out, lines.map((line) => line + eol).join(''));
    if (i % 10 === 9) await write(out, `: still here${eol}`);
  }
  await write(out, `: good bye${eol}`); // after a lone CR the client waits for more: it might have been a CRLF
  out.end();
}

async function listen(url) {
  const source = new EventSource(url);
  let events = 0;
  source.addEventListener('message', () => events++);
  source.addEventListener('tick', () => events++);
  await new Promise((resolve, reject) => {
    source.addEventListener('end', resolve);
    setTimeout(() => reject(new Error(`${url}: the client heard ${events} events`)), 10000).unref();
  });
  if (events !== EVENTS) throw new Error(`${url}: the client heard ${events} events`);
  await sleep(20);
  source.close();
}

async function sse() {
  const server = http.createServer(stream);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  for (const ending of Object.keys(ENDINGS)) {
    for (const bom of ['plain', 'bom']) {
      for (const encoding of Object.keys(ENCODERS)) {
        await listen(`http://127.0.0.1:${server.address().port}/events/${ending}/${bom}/${encoding}`);
      }
    }
  }
  server.closeAllConnections();
  server.close();
}

spawnSync('ip', ['link', 'set', 'lo', 'up']);
const dumpcap = spawn('dumpcap', ['-q', '-i', 'lo', '-B', '64', '-w', `${base}.pcapng`], { stdio: 'ignore' });
await sleep(1000);
await (kind === 'sse' ? sse() : websocket());
await sleep(1000);
dumpcap.kill('SIGINT');
await once(dumpcap, 'exit');
writeFileSync(`${base}.truth.json`, JSON.stringify(truth));
process.exit(0);
