// What README.md shows is what happens: after each `$ wirediet ...` in it, the lines that follow are lines of the real
// output, in that order; `...` stands for lines left out. Prints TAP.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const wirediet = resolve(process.env.WIREDIET || './wirediet');
process.chdir(process.env.srcdir || '.');
const env = { ...process.env, LC_ALL: 'C.UTF-8', COLUMNS: '80', NO_COLOR: '1', SOURCE_DATE_EPOCH: '1772528400' };
const examples = [...readFileSync('README.md', 'utf8').matchAll(/^```text\n\$ wirediet (.*)\n([^]*?)^```/gm)];

console.log(`1..${examples.length}`);
examples.forEach(([, args, shown], i) => {
  const { stdout, stderr } = spawnSync(wirediet, args.split(' '), { encoding: 'utf8', env });
  const real = (stdout + stderr).split('\n').map((line) => line.trimEnd());
  let at = 0;
  const missing = shown.trimEnd().split('\n').map((line) => line.trimEnd()).filter((line) => line.trim() !== '...').find((line) => {
    const found = real.indexOf(line, at);
    at = found + 1;
    return found < 0;
  });
  console.log(`${missing === undefined ? 'ok' : 'not ok'} ${i + 1} - wirediet ${args}`);
  if (missing !== undefined) console.log(`# not in the output, or not there: ${missing}`);
  if (missing !== undefined) process.exitCode = 1;
});
if (examples.length === 0) process.exitCode = 1;
