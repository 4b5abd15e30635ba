// usage: node compare.mjs FOLDER: what the diet saved, by the two applications' own logs (a figure, not a promise), and
// that its viewers showed the same.
import { readFileSync } from 'node:fs';

const read = (name) => JSON.parse(readFileSync(`${process.argv[2]}/${name}.json`));
const [naive, diet] = [read('naive.truth'), read('diet.truth')];
for (const key of ['logical_seconds', 'viewers', 'connections']) {
  if (naive[key] !== diet[key]) throw new Error(`${key} differ: ${naive[key]} and ${diet[key]}`);
}
const saved = (key) => `${naive[key]} -> ${diet[key]}, ${(100 * (1 - diet[key] / naive[key])).toFixed(1)} % less`;
console.log(`payload bytes ${saved('payload_bytes')}\nmessages      ${saved('messages')}`);

// What the naive viewer showed for the second of a picture must be within 5 % of it, in every figure (and half a
// millisecond of rounding).
const off = (shown, wanted) => (typeof shown === 'number'
  ? Math.max(0, Math.abs(shown - wanted) - 0.5) / (Math.abs(shown) || 1) : Number(shown !== wanted));
const figures = (picture, prefix = '') => Object.entries(picture).flatMap(([key, value]) => (
  value !== null && typeof value === 'object' ? figures(value, `${prefix}${key}.`) : [[prefix + key, value]]));
let worst = 0;
read('naive.pictures').forEach((pictures, viewer) => {
  const bySecond = new Map(pictures.map((picture) => [picture.at, picture]));
  for (const shown of read('diet.pictures')[viewer]) {
    const wanted = Object.fromEntries(figures(bySecond.get(shown.at)));
    for (const [key, value] of figures(shown)) worst = Math.max(worst, off(value, wanted[key]));
  }
});
console.log(`pictures      differ by ${(100 * worst).toFixed(2)} % at most`);
if (worst > 0.05) throw new Error('the diet shows something else');
