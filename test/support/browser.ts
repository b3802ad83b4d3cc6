/** A headless Chromium for tests, where there is one. */
import { existsSync } from 'node:fs'
import puppeteer, { type Browser } from 'puppeteer-core'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Null where there is no browser, which it says: then the test is skipped. */
export function browserPath(): string | null {
  const { ERPMAX_TEST_BROWSER: named } = process.env
  const found = [...(named ? [named] : []), ...places].find((place) => existsSync(place)) ?? null
  if (found === null)
    process.stdout.write('    skipped: there is no Chromium here (ERPMAX_TEST_BROWSER names one)\n')
  return found
}

export function startBrowser(executablePath: string): Promise<Browser> {
  return puppeteer.launch({
    executablePath,
    headless: true,
    args: [
      ...['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      // Names of test sites, so that one site can lead to another.
      '--host-resolver-rules=MAP *.test 127.0.0.1',
    ],
  })
}
