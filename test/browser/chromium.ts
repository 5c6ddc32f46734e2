/** Real Chromium for stories through the screens. Without a browser the stories are skipped with a reason, or fail when one is required. */
import { existsSync } from 'node:fs'
import { mkdirSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium, type Browser, type Page } from 'playwright-core'
import { expect } from 'vitest'

const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/opt/google/chrome/chrome']
export const chromiumPath = process.env['CHROMIUM_PATH'] ?? usual.find((path) => existsSync(path))
export const isSkipped = chromiumPath === undefined && process.env['REQUIRE_BROWSER'] !== '1'

/** Nothing of the browser's own business leaves the machine; as root Chromium needs to run without its sandbox (STK-38). */
export async function openBrowser(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('No Chromium was found. Install it or set CHROMIUM_PATH.')
  const quiet = [
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ]
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ executablePath: chromiumPath, args: [...quiet, ...asRoot] })
}

export type Watched = { readonly page: Page; readonly troubles: string[]; readonly strangers: string[] }

/** A page that remembers script errors, policy reports and every request to another origin than the ones named. */
export async function openPage(browser: Browser, origins: readonly string[], width = 1280): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, reducedMotion: 'reduce' })
  const page = await context.newPage()
  // Two browsers share the machine with two products; a limit, not a measure.
  page.setDefaultTimeout(60_000)
  const troubles: string[] = []
  const strangers: string[] = []
  page.on('pageerror', (error) => troubles.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('Failed to load resource')) troubles.push(message.text())
  })
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url())
    if (protocol.startsWith('http') && !origins.includes(origin)) strangers.push(request.url())
  })
  return { page, troubles, strangers }
}

/**
 * Zero findings, no rule switched off, no element left out (UI-65). No page has frames of another origin, which are all that the second page
 * would be for that is otherwise opened at each look; and what passes is not listed.
 */
export async function expectAccessible(page: Page, name: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze()
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`),
    name,
  ).toEqual([])
}

/** Pictures of the story for `docs/`, only when they are asked for: two runs differ in ids and times. */
export async function picture(page: Page, name: string): Promise<void> {
  if (process.env['RENTROLL_TEST_PICTURES'] !== '1') return
  mkdirSync('docs/screens/story', { recursive: true })
  await page.screenshot({ path: `docs/screens/story/${name}.png`, fullPage: true })
}
