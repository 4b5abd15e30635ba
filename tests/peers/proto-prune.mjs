// Other people's .proto files, pruned: nothing removed is nothing changed, for all of them; fields removed at random leave
// files that protoc compiles, that buf finds compatible, and that differ in the lines that had to. SEED=7 removes others.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import protobuf from 'protobufjs';
import { file, profile, run, test, text, wirediet, WORK } from './lib.mjs';

const build = dirname(process.env.WIREDIET);
const folder = `${WORK}/proto-prune`;
const SEED = Number(process.env.SEED ?? 1);
const FILES = 250;
const resolve = createRequire(import.meta.url).resolve;
const google = dirname(resolve('google-proto-files/package.json'));
const buf = resolve(`@bufbuild/buf-linux-${process.arch}/bin/buf`);
const debian = run('pkg-config', ['--variable=includedir', 'protobuf']).trim();

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
execFileSync('make', ['-C', build, '-s', 'tests/peers/proto_pruner'], { stdio: ['ignore', 'ignore', 'inherit'] });

const protosBelow = (root, at = root) => readdirSync(at, { withFileTypes: true }).flatMap((entry) => {
  const path = join(at, entry.name);
  if (entry.isDirectory()) return protosBelow(root, path);
  return entry.name.endsWith('.proto') ? [relative(root, path)] : [];
}).sort();

// Gives the declarations that went, and the files that changed are below `out`.
function prune(seed, share, root, out, files) {
  const result = spawnSync(`${build}/tests/peers/proto_pruner`, [seed, share, root, out, ...files], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  assert.equal(result.status, 0, result.stderr);
  return result.stdout.trim().split('\n').filter(Boolean).map((line) => {
    const [name, first, last] = line.split(' ');
    return { name, first: Number(first), last: Number(last) };
  });
}

const compile = (roots, files, set) =>
  spawnSync('protoc', [...roots.map((root) => `-I${root}`), '--include_imports', `--descriptor_set_out=${set}`, ...files], { encoding: 'utf8' });

// --- nothing removed ---

const keepsAll = (root, files, out) => {
  assert.deepEqual(prune(1, 0, root, out, files), []);
  assert.ok(!existsSync(out), `${out} was written`);
};

await test('pruning nothing changes no .proto of libprotobuf-dev', () => {
  const files = protosBelow(debian).filter((name) => name.startsWith('google/protobuf/'));
  assert.ok(files.length > 9);
  keepsAll(debian, files, `${folder}/debian`);
  return `${files.length} files`;
});

// protoc's own tests among them import what the package does not hold.
const all = protosBelow(google).filter((name) => !name.startsWith('build/'));
const together = all.filter((name) => !name.startsWith('google/protobuf/'));

await test('pruning nothing changes no .proto of google-proto-files', () => {
  assert.ok(together.length > 7000);
  keepsAll(google, together, `${folder}/same`);
  let refused = 0;
  for (const name of all.filter((other) => !together.includes(other))) {
    if (compile([google], [name], '/dev/null').status !== 0) refused++;
    else keepsAll(google, [name], `${folder}/same`);
  }
  assert.ok(refused < 20, `protoc refuses ${refused}`);
  return `${all.length - refused} files; ${refused} protoc refuses itself`;
});

// --- removed at random ---

const chosen = together.filter((name, i) => (Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(SEED, 0x85ebca6b)) >>> 0 < (2 ** 32 * FILES) / together.length);
const out = `${folder}/pruned`;
const gone = prune(SEED, 4, google, out, chosen);

await test('files with fields removed compile, and are compatible by WIRE_JSON', () => {
  assert.ok(gone.length > 200, `${gone.length} declarations went`);
  const before = compile([google], chosen, `${folder}/before.binpb`), after = compile([out, google], chosen, `${folder}/after.binpb`);
  assert.equal(before.status, 0, before.stderr);
  assert.equal(after.status, 0, after.stderr);
  const rules = JSON.stringify({ version: 'v2', breaking: { use: ['WIRE_JSON'] } });
  const breaking = spawnSync(buf, ['breaking', `${folder}/after.binpb`, '--against', `${folder}/before.binpb`, '--config', rules], { encoding: 'utf8' });
  assert.equal(breaking.status, 0, breaking.stdout.slice(0, 2000) + breaking.stderr);
  return `${gone.length} declarations of ${chosen.length} files`;
});

await test('buf sees what is not reserved', () => {
  const name = protosBelow(out)[0];
  const bare = readFileSync(join(out, name), 'utf8').replace(/^ *reserved [^;]*;\n/gm, '');
  mkdirSync(dirname(join(folder, 'bare', name)), { recursive: true });
  writeFileSync(join(folder, 'bare', name), bare);
  assert.equal(compile([`${folder}/bare`, out, google], [name], `${folder}/bare.binpb`).status, 0);
  compile([google], [name], `${folder}/one.binpb`);
  const rules = JSON.stringify({ version: 'v2', breaking: { use: ['WIRE_JSON'] } });
  assert.equal(spawnSync(buf, ['breaking', `${folder}/bare.binpb`, '--against', `${folder}/one.binpb`, '--config', rules]).status, 100);
});

// A text without what is reserved, comments and blank lines, and its lines of comments.
const isComment = (line) => /^\s*(\/\/|\/\*|\*)/.test(line);
function split(source, isGone) {
  const kept = source.split('\n').filter((line, i) => !isGone(i + 1)).join('\n').replace(/^\s*reserved\s[^;]*;/gm, '').split('\n');
  return { code: kept.filter((line) => line.trim() && !isComment(line)), comments: kept.filter(isComment) };
}

await test('they differ in declarations, comments beside them, and what is reserved', () => {
  const changed = protosBelow(out);
  let comments = 0;
  for (const name of changed) {
    const ranges = gone.filter((declaration) => declaration.name === name);
    const before = split(readFileSync(join(google, name), 'utf8'), (line) => ranges.some(({ first, last }) => first <= line && line <= last));
    const after = split(readFileSync(join(out, name), 'utf8'), () => false);
    assert.deepEqual(after.code, before.code, name);
    let at = 0;
    for (const line of after.comments) {
      at = before.comments.indexOf(line, at) + 1;
      assert.ok(at, `${name}: ${line}`);
    }
    comments += before.comments.length - after.comments.length;
  }
  assert.ok(comments > gone.length, `${comments} lines of comments went`);
  return `${changed.length} files, ${comments} lines of comments`;
});

// --- with an account of readers ---

const READS = { LineStatus: ['line_id', 'seq', 'state', 'speed_rpm', 'operator.full_name', 'alarms[].code', 'material_name'], WatchRequest: ['line_id'],
  AckRequest: ['line_id'], AckReply: ['accepted'] };
const usage = { wirediet: 'usage/1', consumers: [{ name: 'wall', source: 'manifest',
  messages: Object.entries(READS).map(([message, paths]) => ({ message, complete: true, reads: paths.map((path) => ({ path })) })) }] };
const capture = file('testdata/captures/line-grpc.pcapng'), schema = file('testdata/captures/line-grpc.proto'), slim = `${folder}/slim.proto`;
writeFileSync(`${folder}/wall.yaml`, JSON.stringify(usage));
wirediet(['prune', '-q', '-s', schema, '-p', capture, '-u', `${folder}/wall.yaml`, '-o', slim]);

await test('what was captured before is read as before with the smaller schema, and what went is unknown', () => {
  const counted = ({ present, occurrences, bytes, key_bytes: keys, value_bytes: values, types, changed }) => ({ present, occurrences, bytes, keys, values, types, changed });
  const rowsOf = (name) => profile('-s', name, capture).messages.map((type) => ({ name: type.name, fields: new Map(type.fields.map((row) => [row.path, counted(row)])) }));
  const before = rowsOf(schema), after = rowsOf(slim);
  for (const [message, paths] of Object.entries(READS)) {
    const old = before.find(({ name }) => name === message), now = after.find(({ name }) => name === message);
    for (const path of paths) assert.deepEqual(now.fields.get(path), old.fields.get(path), `${message} ${path}`);
  }
  const status = after.find(({ name }) => name === 'LineStatus').fields;
  assert.ok(!status.has('firmware') && status.has('14'), [...status.keys()].join(' '));
});

await test('protobufjs and protoc decode messages of before with the smaller schema', async () => {
  const [before, after] = await Promise.all([schema, slim].map((name) => protobuf.load(name)));
  const message = { lineId: 'L1', seq: 7, state: 'RUNNING', speedRpm: 1.5, operator: { id: 3, fullName: 'Ada', email: 'a@b.c' },
    location: { lat: 1, lon: 2 }, alarms: [{ code: 9, text: 'hot' }], materialName: 'oak', labels: { k: 'v' }, firmware: '1.2' };
  const type = before.lookupType('plant.v1.LineStatus');
  const bytes = type.encode(type.fromObject(message)).finish();
  const seen = after.lookupType('plant.v1.LineStatus').toObject(after.lookupType('plant.v1.LineStatus').decode(bytes), { enums: String, longs: Number });
  assert.deepEqual(seen, { lineId: 'L1', seq: 7, state: 'RUNNING', speedRpm: 1.5, operator: { fullName: 'Ada' }, alarms: [{ code: 9 }], materialName: 'oak' });
  const shown = spawnSync('protoc', [`-I${folder}`, '--decode=plant.v1.LineStatus', 'slim.proto'], { input: bytes, encoding: 'utf8' }).stdout;
  assert.match(shown, /^14: "1\.2"$/m);
  assert.match(shown, /^line_id: "L1"$/m);
});

await test('--stage deprecate changes nothing but options', async () => {
  const marked = `${folder}/marked.proto`;
  wirediet(['prune', '-q', '--stage', 'deprecate', '-s', schema, '-p', capture, '-u', `${folder}/wall.yaml`, '-o', marked]);
  const status = (await protobuf.load(marked)).lookupType('plant.v1.LineStatus');
  assert.equal(status.fields.firmware.options?.deprecated, true);
  assert.equal(status.fields.seq.options?.deprecated, undefined);
  assert.equal(readFileSync(marked, 'utf8').replaceAll(' [deprecated = true]', '').replaceAll(', deprecated = true', ''),
    text('testdata/captures/line-grpc.proto').replaceAll(' [deprecated = true]', ''));
});
