// The page for people, in a real browser: node page.mjs BROWSER FOLDER NAME=URL...
//
// Each URL is an MCP endpoint with a page. Screenshots of it go to FOLDER, where a person can look at them.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.env.NODE_PATH, 'page.mjs'));
const { chromium } = require('playwright-core');
const axe = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');

const [executablePath, folder, ...servers] = process.argv.slice(2);
const tally = { passed: 0, failed: 0 };

// What a browser otherwise asks its maker for at every start.
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const browser = await chromium.launch({ executablePath, args });

for (const [name, url] of servers.map((server) => server.split(/=(.*)/))) {
  for (const colorScheme of ['light', 'dark']) {
    await check(`${name}, ${colorScheme}`, () => look(name, url, colorScheme));
  }
  await check(`${name}, narrow and without scripts`, () => narrow(name, url));
  for (const width of [320, 375, 768]) {
    await check(`${name}, ${width} pixels wide`, () => fits(name, url, width));
  }
}
await browser.close();
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed === 0 ? 0 : 1;

async function check(name, test) {
  try {
    await test();
    tally.passed += 1;
    console.log(`ok: ${name}`);
  } catch (error) {
    tally.failed += 1;
    console.log(`FAILED: ${name}`);
    console.log(error);
  }
}

async function look(name, url, colorScheme) {
  const context = await browser.newContext({ colorScheme });
  const page = await context.newPage();
  const complaints = [];
  const requests = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  const response = await page.goto(url);
  same('the status', response.status(), 200);
  await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`), fullPage: true });
  same('headings of the page', await page.locator('h1').count(), 1);
  same('the clients that are offered', (await page.locator('summary').count()) >= 9, true);

  // By keyboard, as a person without a mouse does.
  const first = page.locator('summary').first();
  await first.focus();
  await page.keyboard.press('Enter');
  same('steps of the first client', (await page.locator('details[open] li').count()) > 0, true);

  for (const details of await page.locator('details').all()) {
    await details.evaluate((element) => element.setAttribute('open', ''));
  }
  // A browser asks for an icon whether or not there is one.
  const others = requests.filter((request) => request !== url && !request.endsWith('/favicon.ico'));
  same('requests besides the page', others, []);
  same('complaints of the browser', complaints.filter((text) => !text.includes('favicon')), []);
  // The debugger's door: the page's own policy lets no script in.
  const { violations } = await page.evaluate(`${axe}; axe.run()`);
  same(
    'violations that axe finds',
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
    [],
  );
  await page.screenshot({ path: join(folder, `${name}-${colorScheme}-open.png`), fullPage: true });
  const policy = response.headers()['content-security-policy'];
  same('what the policy lets in by default', policy.includes("default-src 'none'"), true);
  same('scripts in the policy', policy.includes('script-src'), false);
  same('looseness in the policy', policy.includes('unsafe'), false);
  await context.close();
}

async function narrow(name, url) {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 320, height: 640 } });
  const page = await context.newPage();
  await page.goto(url);
  await page.locator('summary').nth(1).click();
  same('blocks of the client', (await page.locator('details[open] pre').count()) > 0, true);
  await page.screenshot({ path: join(folder, `${name}-narrow.png`), fullPage: true });
  await context.close();
}

/** Nothing makes the page wider than its window, whatever the server is called and offers. */
async function fits(name, url, width) {
  const context = await browser.newContext({ viewport: { width, height: 640 } });
  const page = await context.newPage();
  await page.goto(url);
  await page.evaluate(() => document.querySelectorAll('details').forEach((details) => details.setAttribute('open', '')));
  same('what is too wide', await tooWide(page), []);

  // A tool's name, a URI, a schema or a description that offers no place to break a line.
  await page.evaluate(() => {
    const long = 'tool://example.com/' + 'w'.repeat(400);
    const leaves = [...document.querySelectorAll('main *')].filter((element) => element.childElementCount === 0);
    for (const leaf of leaves) leaf.textContent = long;
    for (const dd of document.querySelectorAll('dd')) dd.append(long);
  });
  same('what is too wide when every word is long', await tooWide(page), []);
  await page.screenshot({ path: join(folder, `${name}-${width}-long.png`) });
  await context.close();
}

/** The page, if it scrolls sideways, and what sticks out of it. A block of code scrolls by itself. */
function tooWide(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const out = [...document.querySelectorAll('body *')]
      .filter((element) => element.closest('pre') === null || element.tagName === 'PRE')
      .filter((element) => element.getBoundingClientRect().right > width + 0.5)
      .map((element) => element.outerHTML.slice(0, 80));
    return document.documentElement.scrollWidth > width ? ['the page', ...out] : out;
  });
}

function same(what, found, expected) {
  if (JSON.stringify(found) !== JSON.stringify(expected)) {
    throw new Error(`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`);
  }
}
