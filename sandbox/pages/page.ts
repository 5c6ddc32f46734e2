/**
 * The frame of every sandbox page: the band that says none of this is real (SBX-3), the console's tabs where they belong,
 * and headers that allow scripts and styles from the sandbox itself only. `form-action` names other hosts because Chromium
 * applies it to the address a form is redirected to, and a paid checkout leads back to the product.
 */
import { readFileSync } from 'node:fs'
import { html } from '../http.ts'
import type { Route, SandboxReply } from '../http.ts'
import { instant } from './format.ts'
import { markup } from './markup.ts'
import type { Markup } from './markup.ts'

export const CONSOLE_TABS = [
  { name: 'overview', label: 'Overview', path: '/_sandbox' },
  { name: 'requests', label: 'Requests', path: '/_sandbox/requests' },
  { name: 'events', label: 'Events', path: '/_sandbox/events' },
  { name: 'endpoints', label: 'Endpoints', path: '/_sandbox/endpoints' },
  { name: 'accounts', label: 'Accounts', path: '/_sandbox/accounts' },
  { name: 'payments', label: 'Payments', path: '/_sandbox/payments' },
  { name: 'balance', label: 'Balance and payouts', path: '/_sandbox/balance' },
  { name: 'faults', label: 'Faults', path: '/_sandbox/faults' },
  { name: 'mail', label: 'Mail', path: '/_sandbox/mail' },
] as const

export type ConsoleTab = (typeof CONSOLE_TABS)[number]['name']

export interface Page {
  title: string
  body: Markup
  /** The console tab this page belongs to; hosted pages have none. */
  tab?: ConsoleTab
  status?: number
  /** While faults are armed every page says how many (SBX-41). */
  activeFaults?: number
  /** Sandbox time, shown beside the tabs of the console. */
  now?: Date
  /** The address browsers reach the sandbox at, when forms of this page lead on to its host under another port. */
  publicUrl?: string
}

/** Answers with a whole page; `body` stands inside `<main>` and brings its own h1. */
export function pageReply(page: Page): SandboxReply {
  return html(`<!doctype html>\n${wholePage(page)}\n`, page.status ?? 200, {
    'content-security-policy': contentSecurityPolicy(page.publicUrl),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  })
}

/** A page that says one thing and offers at most one way on. */
export function messageReply(
  page: Omit<Page, 'body'> & { text: string; testId: string; next?: Markup | null },
): SandboxReply {
  const body = markup`<div class="narrow stack" data-testid="${page.testId}">
    <h1>${page.title}</h1>
    <p>${page.text}</p>
    ${page.next}
  </div>`
  return pageReply({ ...page, body })
}

function contentSecurityPolicy(publicUrl?: string): string {
  const ownHost = publicUrl === undefined ? '' : ` http://${new URL(publicUrl).hostname}:*`
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "frame-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    `form-action 'self' http://127.0.0.1:* http://localhost:*${ownHost} https:`,
  ].join('; ')
}

function wholePage({ title, body, tab, activeFaults = 0, now }: Page): Markup {
  return markup`<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${title} · Sandbox</title>
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="/sandbox-assets/style.css">
  <script src="/sandbox-assets/page-script.js" type="module"></script>
</head>
<body class="${tab === undefined ? 'hosted' : 'console'}">
  <a class="skip" href="#main">Skip to content</a>
  <aside class="band" aria-label="Sandbox" data-testid="sandbox-banner">Sandbox – no real money${faultCount(activeFaults)}</aside>
  ${tab !== undefined && consoleTabs(tab, now)}
  <main id="main" class="${tab !== undefined && 'page'}" tabindex="-1">${body}</main>
  <p id="announcement" class="skip" role="status"></p>
</body>
</html>`
}

function faultCount(count: number): Markup | false {
  const label = count === 1 ? '1 fault active' : `${count} faults active`
  return count > 0 && markup`<a class="faults" href="/_sandbox/faults" data-testid="sandbox-fault-count">${label}</a>`
}

function consoleTabs(current: ConsoleTab, now: Date | undefined): Markup {
  const tabs = CONSOLE_TABS.map(({ name, label, path }) => {
    const mark = name === current && markup` aria-current="page"`
    return markup`<a href="${path}"${mark} data-testid="sandbox-tab-${name}">${label}</a>`
  })
  return markup`<header class="top"><div class="top-inner">
    <a class="brand" href="/_sandbox">Sandbox</a>
    <nav class="tabs" aria-label="Sandbox console">${tabs}</nav>
    ${now !== undefined && markup`<a class="now" href="/_sandbox#clock" data-testid="sandbox-now"><span class="muted">Clock</span> ${instant(now)}</a>`}
  </div></header>`
}

/** The style sheet (its parts joined, in this order) and the one script, read once when the sandbox starts. */
export function assetRoutes(): Route[] {
  const style = ['colours.css', 'frame.css', 'controls.css', 'console.css', 'hosted.css', 'narrow.css']
  return [
    asset({ path: '/sandbox-assets/style.css', files: style, contentType: 'text/css; charset=utf-8' }),
    asset({
      path: '/sandbox-assets/page-script.js',
      files: ['page-script.js'],
      contentType: 'text/javascript; charset=utf-8',
    }),
  ]
}

function asset({ path, files, contentType }: { path: string; files: string[]; contentType: string }): Route {
  const body = files.map((file) => readFileSync(new URL(`./assets/${file}`, import.meta.url), 'utf8')).join('\n')
  const headers = { 'content-type': contentType, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' }
  return { method: 'GET', pattern: path, handle: () => ({ status: 200, headers, body }) }
}
