// Protobuf editions, which protoc 3.21 does not know: buf compiles them to a descriptor set, and what their features say of the
// wire is what wirediet reads.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test, wirediet, WORK } from './lib.mjs';

const buf = createRequire(import.meta.url).resolve(`@bufbuild/buf-linux-${process.arch}/bin/buf`);
const folder = `${WORK}/editions`;

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}/shapes.proto`, `edition = "2023";
package shapes;
message Point { double x = 1; }
message Shape {
  string name = 1;
  repeated int32 packed = 2;
  repeated int32 expanded = 3 [features.repeated_field_encoding = EXPANDED];
  Point inside = 4 [features.message_encoding = DELIMITED];
  Point beside = 5;
  repeated sint32 turns = 6;
}
`);
execFileSync(buf, ['build', '-o', `${folder}/shapes.binpb`, folder], { stdio: 'inherit' });

const tag = (number, wire) => (number << 3) | wire;
const one = [0, 0, 0, 0, 0, 0, 0xf0, 0x3f];
const point = [tag(1, 1), ...one];
writeFileSync(`${folder}/shape.bin`, Uint8Array.from([
  tag(1, 2), 1, 0x61,
  tag(2, 2), 2, 1, 2,
  tag(3, 0), 3, tag(3, 0), 4,
  tag(4, 3), ...point, tag(4, 4),
  tag(5, 2), point.length, ...point,
  tag(6, 0), 1,
]));

test('packed, expanded, delimited and length-prefixed are what the features say', () => {
  const { codec, fields } = JSON.parse(wirediet(['decode', '--format', 'json', '-s', `${folder}/shapes.binpb`, '--message', 'shapes.Shape',
    '--show-values=force', `${folder}/shape.bin`]));
  assert.equal(codec, 'protobuf');
  assert.deepEqual(fields.map((f) => [f.path, f.type, f.key_bytes, f.value_bytes, f.syntax_bytes, f.value]), [
    ['.', 'object', 0, 0, 0, ''],
    ['name', 'string', 2, 1, 0, 'a'],
    ['packed[]', 'integer', 2, 1, 0, '1'], ['packed[]', 'integer', 0, 1, 0, '2'],
    ['expanded[]', 'integer', 1, 1, 0, '3'], ['expanded[]', 'integer', 1, 1, 0, '4'],
    ['inside', 'object', 1, 0, 1, ''], ['inside.x', 'integer', 1, 8, 0, '1'],
    ['beside', 'object', 2, 0, 0, ''], ['beside.x', 'integer', 1, 8, 0, '1'],
    ['turns[]', 'integer', 1, 1, 0, '-1'],
  ]);
});
