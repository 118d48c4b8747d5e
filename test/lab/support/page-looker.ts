/**
 * Looks at a status page with a real Chromium, in the network where it runs: `page-looker.js URL WORDS`. Waits
 * until the page says WORDS (a regular expression) by itself, then judges it and takes screenshots. Prints one JSON line.
 */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

export interface Looked {
  /** Errors of the console, failed requests, requests to elsewhere. */
  readonly errors: readonly string[];
  /** Texts whose contrast is below AA, in either colour scheme. */
  readonly faint: readonly string[];
  /** What the tabulator key reaches, in its order, and what of it shows no focus. */
  readonly reached: readonly string[];
  readonly unseenFocus: readonly string[];
  /** Where the skip link leads. */
  readonly skippedTo: string;
  /** By how many pixels the page is wider than a telephone. */
  readonly overflowPx: number;
  readonly text: string;
  /** PNG in base64: desk, dark, telephone. */
  readonly shots: Readonly<Record<string, string>>;
}

const PROGRAMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const TELEPHONE = { width: 390, height: 844 };
const DESK = { width: 1180, height: 900 };
const WAIT_MS = 60_000;
const TABS = 14;
const TEXT = 'document.body.innerText';

/** What has the focus, and whether that is seen. */
const FOCUSED = `(() => {
  const element = document.activeElement;
  if (element === null || element === document.body) return null;
  const style = getComputedStyle(element);
  const label = element.getAttribute('aria-label') ?? element.textContent ?? '';
  return { label, isSeen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 };
})()`;

/** Texts below AA: 4.5 to 1, or 3 to 1 for large ones (WCAG 2.1, 1.4.3). */
const FAINT_TEXTS = `(() => {
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const numbers = (text) => (text.match(/[0-9.]+/g) ?? []).map(Number);
  const ground = (element) => {
    const box = element.closest('g')?.querySelector('rect');
    if (box) return numbers(getComputedStyle(box).fill);
    for (let one = element; one !== null; one = one.parentElement) {
      const colour = numbers(getComputedStyle(one).backgroundColor);
      if (colour.length === 3 || (colour[3] ?? 0) > 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    const text = (node.textContent ?? '').trim();
    if (text === '' || element.closest('script, title, .noted, .skip') !== null) continue;
    if (element.getClientRects().length === 0) continue;
    seen += 1;
    const style = getComputedStyle(element);
    const colour = element.closest('svg') === null ? style.color : style.fill;
    const fore = luminance(numbers(colour).slice(0, 3));
    const back = luminance(ground(element).slice(0, 3));
    const contrast = (Math.max(fore, back) + 0.05) / (Math.min(fore, back) + 0.05);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.7 && Number(style.fontWeight) >= 700);
    if (contrast < (isLarge ? 3 : 4.5)) found.push(text + ' (' + contrast.toFixed(2) + ')');
  }
  if (seen < 20) found.push('only ' + seen + ' texts were found');
  return found;
})()`;

/** The browser's program, or undefined. */
export function chromiumProgram(): string | undefined {
  return PROGRAMS.find((path) => existsSync(path));
}

async function look(browser: Browser, url: string, words: string): Promise<Looked> {
  const page = await browser.newPage({ viewport: DESK, colorScheme: 'light' });
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('requestfailed', (request) => errors.push(`failed: ${request.url()}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(url)) errors.push(`elsewhere: ${request.url()}`);
  });
  await page.goto(url, { waitUntil: 'load' });
  // The page's own policy forbids the browser's waiting functions, which make code of text.
  const endMs = performance.now() + WAIT_MS;
  for (let said = ''; !new RegExp(words).test(said); said = await page.evaluate<string>(TEXT)) {
    if (performance.now() > endMs) throw new Error(`the page does not say ${words} but: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const faint = await page.evaluate<string[]>(FAINT_TEXTS);
  const desk = await page.screenshot({ fullPage: true });
  const walk = await walkByKeyboard(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  faint.push(...(await page.evaluate<string[]>(FAINT_TEXTS)).map((one) => `dark: ${one}`));
  const dark = await page.screenshot({ fullPage: true });
  await page.setViewportSize(TELEPHONE);
  await page.emulateMedia({ colorScheme: 'light' });
  const overflowPx = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  const telephone = await page.screenshot({ fullPage: true });
  const text = await page.evaluate<string>(TEXT);
  await page.close();
  const shots = Object.entries({ desk, dark, telephone }).map(([kind, png]) => [
    kind,
    png.toString('base64'),
  ]);
  return { errors, faint, ...walk, overflowPx, text, shots: Object.fromEntries(shots) };
}

async function walkByKeyboard(page: Page): Promise<Pick<Looked, 'reached' | 'unseenFocus' | 'skippedTo'>> {
  const reached: string[] = [];
  const unseenFocus: string[] = [];
  for (let at = 0; at < TABS; at++) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate<{ label: string; isSeen: boolean } | null>(FOCUSED);
    if (found === null) break;
    if (reached.includes(found.label)) break;
    reached.push(found.label);
    if (!found.isSeen) unseenFocus.push(found.label);
  }
  await page.evaluate("document.querySelector('.skip').focus()");
  await page.keyboard.press('Enter');
  const skippedTo = await page.evaluate<string>('document.activeElement.id');
  return { reached, unseenFocus, skippedTo };
}

const [, , url, words] = process.argv;
if (url !== undefined && words !== undefined) {
  const browser = await chromium.launch({
    executablePath: chromiumProgram() ?? '',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
  });
  try {
    console.log(JSON.stringify(await look(browser, url, words)));
  } finally {
    await browser.close();
  }
}
