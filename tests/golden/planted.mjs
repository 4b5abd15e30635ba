// The audit of the first tour finds every waste that was planted in the dashboard, and nothing else; prune removes what
// nobody reads, and nothing else. Prints TAP.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const wirediet = resolve(process.env.WIREDIET || './wirediet');
const root = resolve(process.env.srcdir || '.');
process.chdir(root);
const planted = JSON.parse(readFileSync('testdata/dashboard/planted.json'));
const config = ['--config', 'schemas/dashboard/.wirediet.yaml'];
let count = 0;

function run(args, wanted = 0) {
  const { status, stdout, stderr } = spawnSync(wirediet, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== wanted) throw new Error(`wirediet ${args.join(' ')}: exit ${status}, ${stderr.trim()}`);
  return stdout;
}

function test(title, body) {
  const problems = [];
  try {
    body((problem) => problems.push(problem));
  } catch (error) {
    problems.push(error.message);
  }
  console.log(`${problems.length ? 'not ok' : 'ok'} ${++count} - ${title}`);
  for (const problem of problems) console.log(`# ${problem}`);
  if (problems.length) process.exitCode = 1;
}

const audit = (...args) => JSON.parse(run(['audit', '--format', 'json', '--fail-on', 'none', ...args]));
const label = ({ rule, message, path }) => [rule, message, path].filter(Boolean).join(' ');

test('the audit finds what was planted, and nothing else', (problem) => {
  const wanted = new Set(planted.findings.filter(({ suppressed }) => !suppressed).map(label));
  const found = audit(...config).findings.map(label);
  for (const name of wanted) if (!found.includes(name)) problem(`not found: ${name}`);
  for (const name of found) if (!wanted.has(name)) problem(`not planted: ${name}`);
  if (new Set(found).size !== found.length) problem('a finding is there twice');
});

test('what is suppressed with a reason comes back without the suppression', (problem) => {
  const work = mkdtempSync(join(tmpdir(), 'wirediet-'));
  const unsuppressed = readFileSync(config[1], 'utf8')
    .replace(/^suppressions:[^]*/m, '').replaceAll('../../', `${root}/`)
    .replaceAll(/[a-z]+\.usage\.yaml|dashboard\.yaml/g, (name) => `${root}/schemas/dashboard/${name}`);
  writeFileSync(`${work}/.wirediet.yaml`, unsuppressed);
  const found = audit('--config', `${work}/.wirediet.yaml`).findings.map(label);
  rmSync(work, { recursive: true });
  for (const finding of planted.findings) {
    if (finding.suppressed && !found.includes(label(finding))) problem(`still not found: ${label(finding)}`);
    if (finding.rule === 'WD603' && found.includes(label(finding))) problem('a suppression that is gone is stale');
  }
});

test('errors fail the run, and --fail-on none does not', () => {
  run(['audit', '-q', ...config], 1);
  run(['audit', '-q', '--fail-on', 'none', ...config], 0);
});

// The lines of a diff that go, with the paths that they declared: good enough for this one file.
test('prune removes what nobody reads, and every other line stays as it was', (problem) => {
  const before = readFileSync('schemas/dashboard/dashboard.yaml', 'utf8').split('\n');
  const after = run(['prune', '-q', ...config]).split('\n');
  let at = 0;
  const changed = [];
  for (const line of after) {
    const next = before.indexOf(line, at);
    if (next < 0) changed.push(line);
    else at = next + 1;
  }
  const isShortened = (line) => /^ +required: \[/.test(line) && before.some((old) => (
    old.startsWith(line.slice(0, line.indexOf('[')) ) && line.match(/\w+/g).every((name) => old.includes(name))));
  for (const line of changed) if (!isShortened(line)) problem(`a line that was not there before: ${line}`);
  const text = after.join('\n');
  for (const path of planted.pruned.metrics) {
    const name = path.split('.').at(-1);
    const kept = new RegExp(`^ +${name}: `, 'm').test(text) && !['cpu', 'memory', 'version', 'package'].includes(name);
    if (kept) problem(`${path} is still there`);
  }
  for (const name of planted.pruned.messages) if (text.includes(name)) problem(`message ${name} is still mentioned`);
  for (const definition of ['Contact:', 'Package:']) if (text.includes(definition)) problem(`${definition} is used by nobody now`);
  for (const kept of ['# the title of the card', '# Kept for the wall display', 'flags:', 'steal:']) {
    if (!text.includes(kept)) problem(`gone: ${kept}`);
  }
});

test('pruning nothing gives the same bytes', (problem) => {
  const schema = 'testdata/captures/ticker.asyncapi.yaml';
  const work = mkdtempSync(join(tmpdir(), 'wirediet-'));
  writeFileSync(`${work}/all.json`, JSON.stringify({
    wirediet: 'usage/1', consumers: [{ name: 'everyone', source: 'manifest', messages: [{ message: '*', complete: false }] }],
  }));
  const out = run(['prune', '-q', '-s', schema, '-u', `${work}/all.json`]);
  rmSync(work, { recursive: true });
  if (out !== readFileSync(schema, 'utf8')) problem('the schema came out different');
});

test('the diff applies with git', (problem) => {
  const work = mkdtempSync(join(tmpdir(), 'wirediet-'));
  const diff = run(['prune', '-q', '--diff', ...config]);
  const name = diff.match(/^\+\+\+ b\/(\S+)/m)?.[1];
  if (!name) throw new Error('the diff names no file');
  spawnSync('mkdir', ['-p', join(work, name, '..')]);
  writeFileSync(join(work, name), readFileSync('schemas/dashboard/dashboard.yaml'));
  const { status, stderr, error } = spawnSync('git', ['apply', '-'], { cwd: work, input: diff, encoding: 'utf8' });
  if (error) problem(error.message);
  else if (status !== 0) problem(stderr.trim());
  else if (readFileSync(join(work, name), 'utf8') !== run(['prune', '-q', ...config])) problem('it does not give what prune gives');
  rmSync(work, { recursive: true });
});

test('the diet saves nine bytes of ten, as both profiles count', (problem) => {
  const payload = (mode) => JSON.parse(run(['profile', '-q', '--format', 'json', `testdata/dashboard/${mode}.pcapng`]))
    .totals.payload_bytes;
  const saved = 1 - payload('diet') / payload('naive');
  if (!(saved > 0.9)) problem(`it saves ${(100 * saved).toFixed(1)} %`);
});
console.log(`1..${count}`);
