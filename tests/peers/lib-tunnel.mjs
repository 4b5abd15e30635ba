// usage, inside a network namespace: node lib-tunnel.mjs BASE MTU
// Lays a VXLAN between this namespace and another one, lets a WebSocket client and server talk through it, and records
// what is seen of that outside (BASE-outer.pcapng), inside (-inner), on both interfaces at once (-both) and on all (-any).
// What was said goes to BASE.truth.json. With an MTU above 1450 the outer packets do not fit and come in fragments.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';

const [base, mtu] = process.argv.slice(2);
const PORT = 8080;
const COUNT = 60;
const body = (side, i) => JSON.stringify({ side, i, text: 'x'.repeat(i * i * 3) });

async function serve() {
  const server = new WebSocketServer({ host: '10.1.0.2', port: PORT, perMessageDeflate: false });
  server.on('connection', async (socket) => {
    socket.on('close', () => process.exit(0));
    socket.on('message', (data) => socket.send(body('server', JSON.parse(data).i)));
  });
  await once(server, 'listening');
  console.log('ready');
}

async function talk() {
  const truth = { port: PORT, messages: 0, payload_bytes: 0 };
  const say = (text) => { truth.messages++; truth.payload_bytes += text.length; };
  const socket = new WebSocket(`ws://10.1.0.2:${PORT}/tunnel`, { perMessageDeflate: false });
  await once(socket, 'open');
  for (let i = 0; i < COUNT; i++) {
    const text = body('client', i);
    say(text);
    socket.send(text);
    const [answer] = await once(socket, 'message');
    say(answer.toString());
  }
  socket.close();
  await once(socket, 'close');
  return truth;
}

function ip(pid, ...args) {
  const [command, list] = pid ? ['nsenter', ['-t', pid, '-n', 'ip', ...args]] : ['ip', args];
  const { status, stderr } = spawnSync(command, list, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}

function lay(pid, side) {
  const [own, other] = side ? ['192.0.2.2', '192.0.2.1'] : ['192.0.2.1', '192.0.2.2'];
  ip(pid, 'addr', 'add', `${own}/24`, 'dev', `wire${side}`);
  ip(pid, 'link', 'set', `wire${side}`, 'up');
  ip(pid, 'link', 'add', 'name', 'tunnel', 'type', 'vxlan', 'id', '42', 'local', own, 'remote', other, 'dstport', '4789');
  ip(pid, 'addr', 'add', `10.1.0.${1 + side}/24`, 'dev', 'tunnel');
  ip(pid, 'link', 'set', 'tunnel', 'mtu', mtu, 'up');
}

async function main() {
  const there = spawn('unshare', ['-n', 'sleep', '60'], { stdio: 'ignore' });
  await sleep(500);
  ip(0, 'link', 'add', 'name', 'wire0', 'type', 'veth', 'peer', 'name', 'wire1');
  ip(0, 'link', 'set', 'wire1', 'netns', String(there.pid));
  lay(0, 0);
  lay(String(there.pid), 1);
  const server = spawn('nsenter', ['-t', there.pid, '-n', process.execPath, 'lib-tunnel.mjs', 'serve']);
  await once(server.stdout, 'data');
  const sights = { outer: ['wire0'], inner: ['tunnel'], both: ['wire0', 'tunnel'], any: ['any'] };
  const recorders = Object.entries(sights).map(([name, interfaces]) => spawn('dumpcap',
    ['-q', '-B', '64', ...interfaces.flatMap((one) => ['-i', one]), '-w', `${base}-${name}.pcapng`], { stdio: 'ignore' }));
  await sleep(1500);
  const truth = await talk();
  await sleep(1500);
  for (const recorder of recorders) recorder.kill('SIGINT');
  await Promise.all(recorders.map((recorder) => once(recorder, 'exit')));
  server.kill();
  there.kill();
  writeFileSync(`${base}.truth.json`, JSON.stringify(truth));
  process.exit(0);
}

await (base === 'serve' ? serve() : main());
