// usage, inside a network namespace: node lib-browser.mjs BASE
// A page in headless Chromium talks to a server of ours: WebSocket (text, binary, compressed), an event stream, polled JSON.
// dumpcap records BASE.pcapng, and what the browser's own protocol tells of its network becomes BASE.har, in the layout of the
// browser's export. What the server said and heard is in BASE.truth.json.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';

// Processes of the browser outlive it for a moment, and write. What is left after that goes with the build.
async function remove(folder) {
  for (let i = 0; i < 30; i++) {
    try {
      rmSync(folder, { recursive: true, force: true });
      return;
    } catch {
      await sleep(100);
    }
  }
}

const [base] = process.argv.slice(2);
const PORT = 3000;
const MESSAGES = 70; // enough for wirediet to decide what the messages are called
const POLLS = 6;
const truth = { messages: 0, payload_bytes: 0 };

function said(bytes) {
  truth.messages++;
  truth.payload_bytes += bytes;
}

// --- the page ---

const PAGE = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script>
(async () => {
  const socket = new WebSocket('ws://' + location.host + '/live?session=s1');
  const source = new EventSource('/events?session=s1');
  const heard = new Promise((f) => source.addEventListener('end', () => { source.close(); f(); }));
  const polled = (async () => {
    for (let i = 0; i < ${POLLS}; i++) {
      await (await fetch('/poll?n=' + i)).json();
      await (await fetch('/report', { method: 'POST', headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ n: i, text: 'caf\\u00e9' }) })).json();
    }
  })();
  let open = ${MESSAGES};
  await new Promise((f) => { socket.onmessage = (m) => {
    if (typeof m.data === 'string') socket.send(JSON.stringify({ type: 'seen', seq: JSON.parse(m.data).seq }));
    if (--open === 0) f();
  }; });
  await Promise.all([heard, polled]);
  socket.send(JSON.stringify({ type: 'done' }));
})();
</script>`;

// --- the server ---

const bodyOf = (i) => JSON.stringify({ type: i % 3 ? 'tick' : 'note', seq: i, text: 'quote "this", caf\u00e9 \u{1f680}\n'.repeat(1 + (i % 5)),
  fixed: 'the same in every message', list: [i, { a: null }] });

function answer(response, type, text) {
  response.writeHead(200, { 'Content-Type': type });
  response.end(text);
}

async function stream(response) {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  response.write('retry: 60000\n\n: hello\n\n');
  for (let i = 0; i <= 20; i++) {
    const name = i === 20 ? 'end' : i % 2 ? 'quote' : '';
    const data = i % 7 === 6 ? `first line ${i}\nsecond` : bodyOf(i).replaceAll('\\n', ' ');
    said(Buffer.byteLength(data));
    response.write(`${name && `event: ${name}\n`}id: ${i}\n${data.split('\n').map((line) => `data: ${line}\n`).join('')}\n`);
    await sleep(5);
  }
  response.end();
}

async function request(q, response) {
  const path = q.url.replace(/\?.*/, '');
  if (path === '/') return answer(response, 'text/html', PAGE);
  if (path === '/events') return stream(response);
  let heard = '';
  for await (const piece of q) heard += piece;
  if (path === '/report') said(Buffer.byteLength(heard));
  const body = path === '/poll' ? JSON.stringify({ price: { now: 0.25, unit: 'EUR' }, at: truth.messages }) : '{"ok":true}';
  said(Buffer.byteLength(body));
  return answer(response, 'application/json', body);
}

async function talk(socket) {
  for (let i = 0; i < MESSAGES; i++) {
    const bytes = i % 10 === 9 ? Buffer.from(Array.from({ length: 99 }, (_, k) => (k * i) % 256)) : bodyOf(i);
    said(Buffer.byteLength(bytes));
    socket.send(bytes);
    if (i % 5 === 4) await sleep(5);
  }
}

function serve() {
  const server = http.createServer(request);
  const sockets = new WebSocketServer({ server, perMessageDeflate: { threshold: 100 } });
  const done = new Promise((resolve) => {
    sockets.on('connection', (socket) => {
      socket.on('message', (bytes) => {
        said(bytes.length);
        if (bytes.includes('done')) resolve(socket);
      });
      talk(socket);
    });
  });
  server.listen(PORT, '127.0.0.1');
  return { server, done };
}

// --- the browser ---

async function browse() {
  const folder = mkdtempSync(`${base}-chromium-`);
  const child = spawn(process.env.CHROMIUM ?? '/usr/bin/chromium', ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run',
    '--disable-background-networking', '--disable-dev-shm-usage', `--user-data-dir=${folder}`, '--remote-debugging-port=0', 'about:blank'],
  { stdio: 'ignore' });
  const where = `${folder}/DevToolsActivePort`;
  for (let i = 0; i < 300 && !existsSync(where); i++) await sleep(100);
  await sleep(200);
  const port = readFileSync(where, 'utf8').split('\n')[0];
  const targets = await (await fetch(`http://127.0.0.1:${port}/json`)).json();
  const link = new WebSocket(targets.find((target) => target.type === 'page').webSocketDebuggerUrl);
  await once(link, 'open');
  const waiting = new Map();
  const listeners = [];
  let last = 0;
  link.on('message', (bytes) => {
    const { id, method, params, result, error } = JSON.parse(bytes);
    if (!id) listeners.forEach((listener) => listener(method, params));
    else if (error) waiting.get(id).reject(new Error(error.message));
    else waiting.get(id).resolve(result);
  });
  const send = (method, params = {}) => new Promise((resolve, reject) => {
    waiting.set(++last, { resolve, reject });
    link.send(JSON.stringify({ id: last, method, params }));
  });
  const close = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
    await remove(folder);
  };
  return { send, listen: (listener) => listeners.push(listener), close };
}

// What the browser tells, as it comes; entries() makes the archive's entries of it.
function recorder(browser) {
  const exchanges = new Map();
  let clock; // from the browser's own time to that of the wall
  const wall = (timestamp) => clock.wall + timestamp - clock.mono;
  const begin = (id, wallTime, timestamp, more) => {
    clock ??= { wall: wallTime, mono: timestamp };
    exchanges.set(id, { ...exchanges.get(id), start: timestamp, end: timestamp, ...more });
  };
  const on = {
    requestWillBeSent: (p) => begin(p.requestId, p.wallTime, p.timestamp, { request: p.request, events: [] }),
    responseReceived: (p) => Object.assign(exchanges.get(p.requestId) ?? {}, { response: p.response }),
    eventSourceMessageReceived: (p) => exchanges.get(p.requestId)?.events.push(
      { time: wall(p.timestamp), eventName: p.eventName, eventId: p.eventId, data: p.data }),
    loadingFinished: (p) => Object.assign(exchanges.get(p.requestId) ?? {}, { end: p.timestamp,
      body: browser.send('Network.getResponseBody', { requestId: p.requestId }).catch(() => undefined) }),
    webSocketCreated: (p) => exchanges.set(p.requestId, { request: { url: p.url, method: 'GET' }, frames: [] }),
    webSocketWillSendHandshakeRequest: (p) => begin(p.requestId, p.wallTime, p.timestamp),
    webSocketHandshakeResponseReceived: (p) => Object.assign(exchanges.get(p.requestId), { response: p.response }),
    webSocketFrameSent: (p) => frame(p, 'send'),
    webSocketFrameReceived: (p) => frame(p, 'receive'),
  };
  function frame({ requestId, timestamp, response }, type) {
    exchanges.get(requestId).frames.push({ type, time: wall(timestamp), opcode: response.opcode, data: response.payloadData });
  }
  browser.listen((method, params) => on[method.replace('Network.', '')]?.(params));

  const pairs = (headers = {}) => Object.entries(headers).map(([name, value]) => ({ name, value }));
  async function entry(x) {
    const body = await x.body;
    const { url, method, headers, postData } = x.request;
    return {
      ...(x.response?.connectionId ? { _connectionId: String(x.response.connectionId) } : {}),
      ...(x.frames ? { _webSocketMessages: x.frames } : {}),
      ...(x.events?.length ? { _eventSourceMessages: x.events } : {}),
      connection: String(PORT),
      request: { method, url, httpVersion: 'HTTP/1.1', headers: pairs(headers), headersSize: -1, bodySize: -1,
        ...(postData ? { postData: { mimeType: headers['Content-Type'] ?? headers['content-type'], text: postData } } : {}) },
      response: { status: x.response?.status ?? 0, headers: pairs(x.response?.headers), headersSize: -1, bodySize: -1,
        content: { size: 0, mimeType: x.response?.mimeType ?? 'x-unknown',
          ...(body ? { text: body.body, ...(body.base64Encoded ? { encoding: 'base64' } : {}) } : {}) } },
      startedDateTime: new Date(wall(x.start) * 1000).toISOString(),
      time: (x.end - x.start) * 1000,
    };
  }
  return async () => (await Promise.all([...exchanges.values()].map(entry)))
    .sort((a, b) => (a.startedDateTime < b.startedDateTime ? -1 : 1));
}

spawnSync('ip', ['link', 'set', 'lo', 'up']);
const dumpcap = spawn('dumpcap', ['-q', '-i', 'lo', '-f', `tcp port ${PORT}`, '-w', `${base}.pcapng`], { stdio: 'ignore' });
await sleep(1000);
const { server, done } = serve();
const browser = await browse();
const entries = recorder(browser);
await browser.send('Network.enable');
await browser.send('Page.navigate', { url: `http://127.0.0.1:${PORT}/` });
const socket = await Promise.race([done, sleep(60000).then(() => { throw new Error('the page never said that it was done'); })]);
await sleep(500);
const har = { log: { version: '1.2', creator: { name: 'WebInspector', version: '537.36' }, pages: [], entries: await entries() } };
writeFileSync(`${base}.har`, JSON.stringify(har, null, 2));
socket.close();
await browser.close();
server.closeAllConnections();
server.close();
await sleep(1000);
dumpcap.kill('SIGINT');
await once(dumpcap, 'exit');
writeFileSync(`${base}.truth.json`, JSON.stringify(truth));
process.exit(0);
