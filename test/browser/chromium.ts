/** Real Chromium for stories through the screens. Without a browser the stories are skipped with a reason, or fail when one is required. */
import { mkdirSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'
import { chromiumPath, listViolations, openBrowser } from '../../scripts/chromium.ts'

export { openBrowser }
export const isSkipped = chromiumPath === undefined && process.env['REQUIRE_BROWSER'] !== '1'

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

/** Zero findings, no rule switched off, no element left out (UI-65). */
export async function expectAccessible(page: Page, name: string): Promise<void> {
  const violations = await listViolations(page)
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
