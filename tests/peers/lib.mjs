// What the peers' tests share: TAP, the program under test, and files of the repository.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export const ROOT = process.env.ROOT ?? '../..';
export const WORK = process.env.WORK ?? '.';
const WIREDIET = process.env.WIREDIET ?? `${ROOT}/wirediet`;

let count = 0;

// Runs one test case and prints its line of TAP. A case that throws has failed; one that throws a Skip was not run.
export async function test(title, run) {
  const name = `${++count} - ${title}`;
  try {
    const note = await run();
    console.log(`ok ${name}${note ? ` (${note})` : ''}`);
  } catch (error) {
    if (error instanceof Skip) {
      console.log(`ok ${name} # SKIP ${error.message}`);
      return;
    }
    console.log(`not ok ${name}`);
    for (const line of String(error.stack ?? error).split('\n').slice(0, 12)) console.log(`# ${line}`);
    process.exitCode = 1;
  }
}
process.on('exit', () => console.log(`1..${count}`));
process.on('uncaughtException', (error) => {
  console.log(`not ok ${++count} - ended early\n# ${error.stack.replaceAll('\n', '\n# ')}`);
  process.exit(1);
});

export class Skip extends Error {}

export const file = (name) => `${ROOT}/${name}`;
export const text = (name) => readFileSync(file(name), 'utf8');
export const json = (name) => JSON.parse(text(name));
export const lines = (name) => gunzipSync(readFileSync(file(name))).toString().trim().split('\n').map((line) => JSON.parse(line));

// Runs wirediet; throws unless it exits with one of `statuses`. Gives what it printed.
export function wirediet(args, statuses = [0]) {
  const { status, stdout, stderr, signal } = spawnSync(WIREDIET, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (!statuses.includes(status)) {
    throw new Error(`wirediet ${args.join(' ')}: exit ${status ?? signal}, ${stderr.trim().split('\n').slice(-5).join(' | ')}`);
  }
  return stdout;
}

export const profile = (...args) => JSON.parse(wirediet(['profile', '--format', 'json', ...args]));

export function run(command, args, options = {}) {
  return execFileSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 30, stdio: ['ignore', 'pipe', 'ignore'], ...options });
}

// The first tour's evidence.
export const DASHBOARD = ['--config', file('schemas/dashboard/.wirediet.yaml')];

// Every WebSocket and SSE capture with the schema it was made for.
export const CAPTURES = [
  { name: 'testdata/dashboard/naive', schema: 'schemas/dashboard/dashboard.yaml' },
  { name: 'testdata/dashboard/diet', schema: 'schemas/dashboard/diet/dashboard.yaml' },
  { name: 'testdata/captures/dashboard-naive', schema: 'testdata/captures/dashboard.asyncapi.yaml' },
  { name: 'testdata/captures/dashboard-diet' },
  { name: 'testdata/captures/chat-deflate', schema: 'testdata/captures/chat.asyncapi.yaml' },
  { name: 'testdata/captures/ticker-sse-plain', schema: 'testdata/captures/ticker.asyncapi.yaml' },
  { name: 'testdata/captures/ticker-sse-gzip', schema: 'testdata/captures/ticker.asyncapi.yaml' },
  { name: 'testdata/captures/storm-fixed' },
  { name: 'testdata/captures/storm-backoff' },
];
