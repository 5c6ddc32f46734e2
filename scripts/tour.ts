/**
 * `npm run tour`: starts a demo, fills it, visits every screen at two widths in both colour schemes and writes the pictures to
 * `docs/screens/` with an index. It fails on a screen without a picture, on script errors and policy reports, on a request to another
 * origin, on sideways scroll and on every axe finding (UI-220). `npm run tour -- invoice` takes only the pictures whose name contains
 * the word. Ids and times differ from run to run.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { listViolations, openBrowser } from './chromium.ts'
import { callerOf, seed, startDemo, type Demo, type Seeded } from './tour-demo.ts'
import { listUnseen, placesOf, type Extras, type Place } from './tour-places.ts'

const widths = [1280, 375] as const
const schemes = ['light', 'dark'] as const
const folder = fileURLToPath(new URL('../docs/screens/', import.meta.url))

const wanted = process.argv[2] ?? ''
const say = (line: string) => process.stdout.write(`${line}\n`)

type Look = { readonly width: (typeof widths)[number]; readonly scheme: (typeof schemes)[number] }
type State = Awaited<ReturnType<ReturnType<Page['context']>['storageState']>>
type Tour = { readonly browser: Browser; readonly demo: Demo; readonly signedIn: State }

async function run(): Promise<readonly string[]> {
  const browser = await openBrowser()
  try {
    const demo = await startDemo()
    try {
      return await visitAll(browser, demo)
    } finally {
      await demo.stop()
    }
  } finally {
    await browser.close()
  }
}

async function visitAll(browser: Browser, demo: Demo): Promise<readonly string[]> {
  say('Filling the demo')
  const page = await (await browser.newContext({ reducedMotion: 'reduce' })).newPage()
  const seeded = await seed(page, demo)
  const all = placesOf(seeded, await readExtras(page, { seeded, demo }))
  const places = all.filter(({ name }) => name.includes(wanted))
  const signedIn = await page.context().storageState()
  await page.context().close()
  const troubles = listUnseen(all).map((screen) => `${screen}: has no picture`)
  for (const width of widths) {
    for (const scheme of schemes) {
      const found = await visitIn({ browser, demo, signedIn }, places, { width, scheme })
      troubles.push(...found)
    }
  }
  await writeFile(`${folder}README.md`, indexOf(all))
  return troubles
}

/** Ids the pictures need that only exist once things have happened. */
async function readExtras(page: Page, { seeded, demo }: { seeded: Seeded; demo: Demo }): Promise<Extras> {
  const call = callerOf(page)
  const link = await call('POST', `/invoices/${seeded.invoices[1]}/pay-link`)
  const events = (await call('GET', '/webhooks/events'))['rows'] as readonly { id: string }[]
  const agreements = (await call('GET', '/agreements'))['versions'] as readonly { id: string }[]
  return {
    payLink: new URL(String(link['url'])).pathname,
    road: { eventId: events[0]?.id ?? '', sandbox: demo.sandbox, secretKey: demo.keys.secret },
    agreementId: agreements[0]?.id ?? '',
  }
}

async function visitIn(tour: Tour, places: readonly Place[], look: Look): Promise<readonly string[]> {
  const target = `${folder}${look.width}/${look.scheme}/`
  if (wanted === '') await rm(target, { recursive: true, force: true })
  await mkdir(target, { recursive: true })
  const troubles: string[] = []
  for (const place of places) {
    const found = await visit(tour, place, look)
    troubles.push(...found.map((trouble) => `${place.name} ${look.width} ${look.scheme}: ${trouble}`))
  }
  say(`${places.length} pictures at ${look.width} px, ${look.scheme}`)
  return troubles
}

async function visit({ browser, demo, signedIn }: Tour, place: Place, look: Look): Promise<readonly string[]> {
  const context = await browser.newContext({
    viewport: { width: look.width, height: look.width === 375 ? 720 : 800 },
    colorScheme: look.scheme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    ...(place.isOpen ? {} : { storageState: signedIn }),
  })
  const page = await context.newPage()
  const troubles = watch(page, demo.origin)
  try {
    await page.goto(demo.origin + place.href)
    await page.getByRole('heading', { level: 1 }).first().waitFor()
    await page.waitForLoadState('load')
    await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' })
    await place.deed?.(page)
    troubles.push(...(await inspect(page)))
    await page.screenshot({ path: `${folder}${look.width}/${look.scheme}/${place.name}.png`, animations: 'disabled' })
  } catch (error) {
    troubles.push(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error))
  } finally {
    await context.close()
  }
  return troubles
}

function watch(page: Page, origin: string): string[] {
  const troubles: string[] = []
  page.on('pageerror', (error) => troubles.push(String(error)))
  page.on('console', (message) => {
    const isRefusal = message.text().includes('Failed to load resource')
    if (message.type() === 'error' && !isRefusal) troubles.push(message.text())
  })
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.protocol.startsWith('http') && url.origin !== origin) troubles.push(`asked ${request.url()}`)
  })
  return troubles
}

async function inspect(page: Page): Promise<readonly string[]> {
  const surplus = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  const violations = await listViolations(page)
  const axe = violations.map(({ id, nodes }) => `axe ${id}: ${nodes.map(({ target }) => target.join(' ')).join(' | ')}`)
  return surplus > 0 ? [`scrolls sideways by ${surplus} px`, ...axe] : axe
}

function indexOf(places: readonly Place[]): string {
  const rows = places.map(({ name, href, shows }) => {
    const pictures = widths.flatMap((width) =>
      schemes.map((scheme) => `[${width} ${scheme}](${width}/${scheme}/${name}.png)`),
    )
    const address = href
      .replaceAll(/_[0-9a-f]{32}/g, '_…')
      .replace(/\/pay\/.*/, '/pay/…')
      .replaceAll(/A{43}/g, '…')
    return `| ${name} | \`${address}\` | ${shows} | ${pictures.join(' · ')} |`
  })
  return [
    '# Screens',
    '',
    'Written by `npm run tour`, which also checks each screen with axe. All of it shows the demo in test mode.',
    '',
    '| name | address | shows | pictures |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

const troubles = await run()
for (const trouble of troubles) say(trouble)
say(troubles.length === 0 ? 'Every screen has its pictures and nothing was found.' : `${troubles.length} findings`)
process.exitCode = troubles.length === 0 ? 0 : 1
