// The HTML report in Chromium with scripts switched off: it asks for nothing, breaks none of its own policy, fits a
// telephone, prints, and can be read in both colour schemes (axe-core for the page, our own arithmetic for drawings).
// usage: node html.mjs [REPORT.html...]; without a name the report of the first tour is made.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { DASHBOARD, Skip, test, wirediet, WORK } from './lib.mjs';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SCHEMES = ['light', 'dark'];

function reports() {
  if (process.argv.length > 2) return process.argv.slice(2);
  const made = `${WORK}/review.html`;
  wirediet(['report', ...DASHBOARD, '-o', made]);
  return [made];
}

// Opens the report and gives what it asked for and complained about.
async function open(browser, report, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const requests = [];
  const complaints = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(pathToFileURL(resolve(report)).href, { waitUntil: 'load' });
  return { context, page, requests, complaints };
}

// In the page: text of drawings against what it stands on. Runs in the browser, so it must hold everything it needs.
function weakDrawings() {
  const channel = (value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const luminance = (colour) => {
    const [r, g, b] = colour.match(/[\d.]+/g).map((value) => channel(value / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const page = getComputedStyle(document.documentElement).backgroundColor;
  const weak = [];
  let count = 0;
  for (const text of document.querySelectorAll('svg text')) {
    if (!text.getClientRects().length) continue;
    const cell = text.closest('g:has(> .cell)')?.querySelector('.cell');
    const { fill } = getComputedStyle(text);
    const ratio = contrast(fill, cell ? getComputedStyle(cell).fill : page);
    count += 1;
    if (ratio < 4.5) weak.push(`${text.textContent}: ${ratio.toFixed(2)}`);
  }
  for (const mark of document.querySelectorAll('.dot, .bar rect:not(.track)')) {
    if (!mark.getClientRects().length) continue;
    const ratio = contrast(getComputedStyle(mark).fill, page);
    if (ratio < 3) weak.push(`${mark.getAttribute('class')}: ${ratio.toFixed(2)}`);
  }
  return { weak, count };
}

async function checkAccess(browser, report, colorScheme) {
  const { context, page } = await open(browser, report, { colorScheme, viewport: { width: 1280, height: 900 } });
  try {
    await page.evaluate(() => document.querySelectorAll('details').forEach((details) => details.setAttribute('open', '')));
    await page.evaluate(AXE);
    const { violations, passes } = await page.evaluate(() =>
      window.axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 120)).join(' | ')}`), []);
    assert.ok(passes.some(({ id }) => id === 'color-contrast'));
    const { weak, count } = await page.evaluate(weakDrawings);
    assert.deepEqual(weak, []);
    return `${passes.length} rules of axe, ${count} words in drawings`;
  } finally {
    await context.close();
  }
}

async function check(browser, report, name) {
  await test(`${name}: asks for nothing but itself, and its policy holds`, async () => {
    for (const colorScheme of SCHEMES) {
      const { context, page, requests, complaints } = await open(browser, report, { javaScriptEnabled: false, colorScheme });
      const font = await page.locator('body').evaluate((body) => getComputedStyle(body).maxWidth);
      await context.close();
      assert.deepEqual(requests, [pathToFileURL(resolve(report)).href]);
      assert.deepEqual(complaints, []);
      assert.equal(font, '1120px', 'the style was not applied');
    }
  });

  await test(`${name}: a foreign style or script would be stopped`, async () => {
    const html = readFileSync(report, 'utf8').replace('<body>', '<body><p id="probe" style="color:red">probe</p><script>document.title="run"</script>');
    const context = await browser.newContext();
    const page = await context.newPage();
    const complaints = [];
    page.on('console', (message) => complaints.push(message.text()));
    await page.setContent(html);
    const color = await page.locator('#probe').evaluate((probe) => getComputedStyle(probe).color);
    const title = await page.title();
    await context.close();
    assert.notEqual(color, 'rgb(255, 0, 0)');
    assert.notEqual(title, 'run');
    assert.ok(complaints.length >= 2);
  });

  for (const width of [360, 768, 1440]) {
    await test(`${name}: fits ${width} pixels`, async () => {
      const { context, page } = await open(browser, report, { javaScriptEnabled: false, viewport: { width, height: 900 } });
      const { scroll, client } = await page.locator('html').evaluate((html) => ({ scroll: html.scrollWidth, client: html.clientWidth }));
      const drawings = await page.locator('svg.map:visible').count();
      await context.close();
      assert.ok(scroll <= client, `${scroll} pixels wide`);
      assert.ok(drawings <= 1, 'both sizes of the treemap are drawn');
    });
  }

  for (const colorScheme of SCHEMES) {
    await test(`${name}: can be read by everybody, ${colorScheme}`, () => checkAccess(browser, report, colorScheme));
  }

  await test(`${name}: prints with every message of the ledger open`, async () => {
    const { context, page } = await open(browser, report, { javaScriptEnabled: false, colorScheme: 'dark' });
    await page.emulateMedia({ media: 'print' });
    const folded = await page.locator('section > details:not([open]) .ledger').evaluateAll((tables) =>
      tables.filter((table) => table.getClientRects().length === 0).length);
    const ink = await page.locator('body').evaluate((body) => getComputedStyle(body).color);
    const pdf = await page.pdf({ preferCSSPageSize: true });
    await context.close();
    assert.equal(folded, 0);
    assert.equal(ink, 'rgb(0, 0, 0)');
    assert.ok(pdf.length > 10000);
  });
}

if (!existsSync(CHROMIUM)) {
  await test('the report in a browser', () => { throw new Skip(`${CHROMIUM} is not installed`); });
} else {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    for (const report of reports()) await check(browser, report, report.replace(/.*\//, ''));
  } finally {
    await browser.close();
  }
}
