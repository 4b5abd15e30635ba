// The usage files of the first tour, written by hand, say what the client code really did while it was captured, and
// point at lines that name the field.
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { json, test, text } from './lib.mjs';

for (const { folder, mode } of [{ folder: 'schemas/dashboard', mode: 'naive' }, { folder: 'schemas/dashboard/diet', mode: 'diet' }]) {
  const truth = json(`testdata/dashboard/${mode}.truth.json`);
  for (const name of ['web', 'wall', 'server']) {
    const file = `${folder}/${name}.usage.yaml`;
    const { messages } = parse(text(file)).consumers[0];

    await test(`${file} lists what was read`, () => {
      for (const { message, reads, escapes = [] } of messages) {
        const type = truth.by_type[message];
        if (!type) continue; // declared, read, never sent
        if (['snapshot', 'delta'].includes(message)) continue; // copied as a whole into the state of the viewer
        const isUnknown = (path) => escapes.some((escape) => path === escape.path || path.startsWith(`${escape.path}.`));
        const isSent = (path) => path in type.paths;
        const done = truth.read_paths[`${name} ${message}`].filter((path) => !isUnknown(path) && isSent(path));
        const listed = reads.map(({ path }) => path).filter(isSent);
        assert.deepEqual(listed.sort(), done.sort(), message);
      }
    });

    await test(`${file} points at the right lines`, () => {
      for (const { reads, escapes = [] } of messages) {
        const places = [...reads.flatMap(({ path, where }) => where.map((at) => [path, at])), ...escapes.map((e) => [e.path, e.where])];
        for (const [path, at] of places) {
          const [source, line] = at.split(':');
          const code = text(join(dirname(file), source)).split('\n')[line - 1];
          assert.ok(code.includes(path.split('.').at(-1).replace('[]', '')), `${path}: ${at} is '${code}'`);
        }
      }
    });
  }
}
