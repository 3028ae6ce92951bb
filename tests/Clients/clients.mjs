// Two clients at once on one link, each with a page of its own.
import { chromium } from 'playwright-core';
import puppeteer from 'puppeteer-core';

const link = process.argv[2];
const page = name => `data:text/html,<title>${name}</title><button onclick="document.title += ' clicked'">Go</button>`;

function check(what, got, expected) {
    if (got !== expected) throw new Error(`${what}: '${got}', expected '${expected}'`);
    console.log(`passed: ${what}`);
}

const [playwright, pptr] = await Promise.all([
    chromium.connectOverCDP(link), puppeteer.connect({ browserWSEndpoint: link, defaultViewport: null })]);
const [first, second] = await Promise.all([playwright.newContext().then(c => c.newPage()), pptr.newPage()]);
await Promise.all([first.goto(page('Playwright')), second.goto(page('Puppeteer'))]);
await Promise.all([first.click('button'), second.click('button')]);
check('Playwright clicks', await first.title(), 'Playwright clicked');
check('Puppeteer clicks', await second.title(), 'Puppeteer clicked');
check('frames of 5 MB pass', (await second.evaluate(n => 'x'.repeat(n), 5e6)).length, 5e6);
check('Playwright takes a picture', (await first.screenshot()).subarray(1, 4).toString(), 'PNG');
await first.close();
await second.close();
await playwright.close();
await pptr.disconnect();
