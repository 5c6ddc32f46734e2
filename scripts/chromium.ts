/** Chromium as the browser tests and the tours open it, and what is not accessible on one of its pages (STK-38, UI-65). */
import { existsSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium, type Browser, type Page } from 'playwright-core'

const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/opt/google/chrome/chrome']
export const chromiumPath = process.env['CHROMIUM_PATH'] ?? usual.find((path) => existsSync(path))

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

type Violations = Awaited<ReturnType<AxeBuilder['analyze']>>['violations']

/**
 * No rule switched off, no element left out (UI-65). What axe opens a second page for at each look is frames of another origin, and no page
 * of ours has any; and what passes is not listed. Both together make a look four times as fast.
 */
export async function listViolations(page: Page): Promise<Violations> {
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze()
  return violations
}
