/** The browser of this machine, where there is one. */
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const PLACES = [
  process.env['CHROMIUM_PATH'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Null where there is none: `CHROMIUM_PATH` names another place. */
export const chromiumPath: string | null =
  PLACES.find((place) => place !== '' && existsSync(place)) ?? null;

/** `args`: further switches of the browser. */
export async function launchChromium(args: readonly string[] = []): Promise<Browser> {
  if (chromiumPath === null) throw new Error('There is no Chromium here.');
  return chromium.launch({
    executablePath: chromiumPath,
    // a sandbox needs rights that containers lack, and all that is opened is ours
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', ...args],
  });
}
