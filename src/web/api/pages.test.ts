import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Hono } from 'hono'
import { afterAll, expect, test } from 'vitest'
import { pageRoutes } from './server.ts'
import { createLogs } from '#platform'
import { problemHandler } from './problems.ts'

const folder = mkdtempSync(join(tmpdir(), 'rentroll-pages-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

mkdirSync(join(folder, 'dist/assets'), { recursive: true })
writeFileSync(join(folder, 'secret.txt'), 'outside')
writeFileSync(join(folder, 'dist/index.html'), '<meta name="csp-nonce" content="__CSP_NONCE__"><p>console</p>')
writeFileSync(join(folder, 'dist/public.html'), '<p>public</p>')
writeFileSync(join(folder, 'dist/favicon.svg'), '<svg/>')
writeFileSync(join(folder, 'dist/assets/main-abc.js'), 'export const text = 1\n'.repeat(200))

const publicUrl = 'http://127.0.0.1:3000'
const pages = new Hono()
  .onError(problemHandler(createLogs('silent')))
  .route(
    '/',
    pageRoutes({ distFolder: pathToFileURL(join(folder, 'dist/')), publicUrl, sandboxOrigin: 'http://127.0.0.1:3001' }),
  )
const ask = (path: string, headers: Record<string, string> = {}) => pages.request(`${publicUrl}${path}`, { headers })

test('UI-70: each page carries a fresh nonce, the same in the page and in its policy', async () => {
  const [one, other] = [await ask('/w/harbour'), await ask('/w/harbour')]

  const nonceOf = (policy: string | null) => /'nonce-([\w-]{43})'/.exec(policy ?? '')?.[1]
  const nonce = nonceOf(one.headers.get('content-security-policy'))
  expect(await one.text()).toContain(`content="${nonce}"`)
  expect(nonce).not.toBe(nonceOf(other.headers.get('content-security-policy')))
})

test('TRU-114: the policy of a page', async () => {
  const policy = (await ask('/')).headers
    .get('content-security-policy')
    ?.replace(/nonce-[\w-]+/, 'nonce-n')
    .split('; ')

  expect(policy).toEqual([
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'nonce-n'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "frame-src 'none'",
    "frame-ancestors 'none'",
    "form-action 'self' https://checkout.stripe.com https://connect.stripe.com http://127.0.0.1:3001",
    "require-trusted-types-for 'script'",
    'report-to csp',
  ])
})

test('UI-69: renters and visitors get the page that is built for them', async () => {
  const texts = await Promise.all(
    ['/pay/token', '/book/harbour', '/paying', '/sign-in'].map(async (path) => (await ask(path)).text()),
  )

  expect(texts.map((text) => text.includes('public'))).toEqual([true, true, false, false])
})

test('built files are compressed when asked for, and kept for good because their names change', async () => {
  const plain = await ask('/assets/main-abc.js')
  const small = await ask('/assets/main-abc.js', { 'accept-encoding': 'gzip, deflate, br' })

  expect(plain.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
  expect(plain.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(small.headers.get('content-encoding')).toBe('br')
  expect((await small.arrayBuffer()).byteLength).toBeLessThan((await plain.arrayBuffer()).byteLength / 10)
})

test.each(['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/assets/../../secret.txt'])(
  '%s leads nowhere',
  async (path) => {
    expect(await (await ask(path)).text()).not.toContain('outside')
  },
)

test('a built file of an older version is 404, so that no page is run as a script', async () => {
  expect((await ask('/assets/main-old.js')).status).toBe(404)
})

test('someone who typed localhost is taken to the address the cookie knows', async () => {
  const answer = await pages.request('http://localhost:3000/sign-in?next=%2Fw%2Fa')

  expect([answer.status, answer.headers.get('location')]).toEqual([308, 'http://127.0.0.1:3000/sign-in?next=%2Fw%2Fa'])
})
