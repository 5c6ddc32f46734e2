/**
 * What every request meets before its operation: the guard against other sites, and the headers of every answer (TRU-13, TRU-113,
 * TRU-116). The owner is signed in throughout, because a guard that only stops strangers guards nothing.
 */
import { beforeAll, expect, test } from 'vitest'
import { eachProduct, type Session } from '#test/product'
import { expectUnchanged } from './fingerprints.ts'
import { drive, readOperations, send, type Operation } from './operations.ts'
import { makeEmptyWorld, type World } from './world.ts'

const elsewhere: readonly Record<string, string>[] = [
  { Origin: 'https://evil.example' },
  { Origin: 'null' },
  { Origin: 'http://127.0.0.1' },
  { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'same-origin' },
]
/** Sent as a plain form would be, which no browser asks about first. */
const forms = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/json']

eachProduct('closed doors', (product) => {
  let world: World
  let operations: readonly Operation[]
  beforeAll(async () => {
    world = await makeEmptyWorld(product())
    operations = await readOperations(product())
  })

  test('TRU-13 TRU-116: nothing is written for a page of another origin, or for a body that a plain form could send', async () => {
    const writing = operations.filter(({ method }) => method !== 'GET')
    expect(writing.length).toBeGreaterThan(30)
    await expectUnchanged(product(), world.operatorId, async () => {
      for (const operation of writing) {
        const driven = drive(operation, world)
        const asForm = forms.map((type) => ({ 'Content-Type': type }))
        for (const headers of [...elsewhere, ...(driven.body ? asForm : [])]) {
          const answer = await send(product(), driven, { as: world.session, headers })
          expect(answer.body, `${operation.name} ${JSON.stringify(headers)}`).toMatchObject({
            status: 403,
            code: 'cross_site_request',
            title: 'Request from another site',
            detail: 'This request did not come from a page of this installation, so it was not carried out.',
            nextStep: 'Open Rentroll at its own address and repeat the action there.',
          })
        }
      }
    })
    expect((await world.session.get('/dashboard')).status).toBe(200)
  })

  test('TRU-116: without an Origin only a browser that says same-origin is believed', async () => {
    const ask = async (headers: Record<string, string>) => {
      const path = `/api/v1/w/${world.slug}/renters?mode=test`
      const body = JSON.stringify({ kind: 'person', name: 'Kim' })
      const own = { Cookie: world.session.cookie, 'Content-Type': 'application/json' }
      return (await fetch(`${product().origin}${path}`, { method: 'POST', headers: { ...own, ...headers }, body }))
        .status
    }
    expect(await ask({})).toBe(403)
    for (const site of ['cross-site', 'same-site', 'none'])
      expect(await ask({ 'Sec-Fetch-Site': site }), site).toBe(403)
    expect(await ask({ 'Sec-Fetch-Site': 'same-origin' })).toBe(201)
  })

  test('TRU-113: every answer carries the headers, whatever it is', async () => {
    const answers = [...operations.map((operation) => drive(operation, world)), ...pages.map(asGet)]
    for (const driven of answers.filter(({ operation }) => operation.name !== 'POST /api/v1/sign-out')) {
      const { headers, status } = await send(product(), driven, { as: world.session })
      const what = `${driven.operation.method} ${driven.path} ${status}`
      for (const [name, value] of Object.entries(always)) expect(headers.get(name), `${what}: ${name}`).toBe(value)
      const isLink = /^\/(pay|verify-email|reset-password)\b/.test(driven.path)
      expect(headers.get('referrer-policy'), what).toBe(isLink ? 'no-referrer' : 'strict-origin-when-cross-origin')
      expect(headers.get('cache-control'), what).toBe('no-store')
      const policy = headers.get('content-security-policy')
      for (const rule of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"])
        expect(policy, what).toContain(rule)
      expect(policy, what).not.toMatch(/unsafe-(inline|eval)/)
      expect(headers.get('request-id'), what).toMatch(/^req_[0-9a-f]{32}$/)
      for (const name of ['server', 'x-powered-by', 'access-control-allow-origin'])
        expect(headers.get(name), `${what}: ${name}`).toBeNull()
    }
  })

  test('TRU-113 TRU-75: the session is in a cookie no script reads, and signing out clears what the browser kept', async () => {
    const form = { email: `owner@${world.slug}.example`, password: 'correct horse battery staple' }
    const signIn = operations.find(({ name }) => name === 'POST /api/v1/sign-in')!
    const signedIn = await send(product(), { operation: signIn, path: signIn.path, body: form })
    expect(signedIn.headers.get('set-cookie')).toMatch(
      /^rentroll_dev=\S+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/,
    )
    expect(signedIn.text).toBe(`{"slug":"${world.slug}"}`)
    const cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!
    const signOut = operations.find(({ name }) => name === 'POST /api/v1/sign-out')!
    const out = await send(product(), { operation: signOut, path: signOut.path }, { headers: { Cookie: cookie } })
    expect(out.headers.get('clear-site-data')).toBe('"storage"')
    expect(out.headers.get('set-cookie')).toMatch(/^rentroll_dev=;.* Max-Age=0/i)
    const me = async (value: string) =>
      ((await (await fetch(`${product().origin}/api/v1/me`, { headers: { Cookie: value } })).json()) as any).person
    expect(await me(cookie)).toBeNull()
    expect(await me(world.session.cookie)).toMatchObject({ email: form.email })
  })

  test('unknown addresses: a sentence from the API, a screen for people, and never a word of the code', async () => {
    const { session } = world
    for (const path of [`/api/v1/w/${world.slug}/nothing`, '/api/v1/nothing', '/api/nothing', '/api', '/api/v2/me'])
      expect((await session.call('GET', path)).body, path).toMatchObject({ code: 'not_found', status: 404 })
    for (const method of ['DELETE', 'PATCH', 'PUT', 'PROPFIND'])
      expect((await session.call(method, `/api/v1/w/${world.slug}/renters?mode=test`)).status, method).toBe(404)
    for (const path of [
      '/.env',
      '/.git/config',
      '/package.json',
      '/src/main.ts',
      '/assets/../../package.json',
      '/metrics/',
    ])
      expect(String((await session.call('GET', path)).body), path).not.toMatch(
        /"dependencies"|\[core\]|MASTER_KEY=|# HELP/,
      )
    expect(await asVisitor(session, `/api/v1/w/${world.slug}/renters?mode=sandbox`)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/mode', detail: 'Choose test or live.' }] },
    })
  })
})

const asVisitor = (session: Session, path: string) => session.call('GET', path)

const always = {
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
}

const pages = [
  '/',
  '/sign-in',
  '/sign-up',
  '/w/nobody/invoices',
  `/pay/${'x'.repeat(43)}`,
  `/reset-password/${'x'.repeat(43)}`,
  '/verify-email?token=x',
  '/assets/none.js',
  '/nothing',
  '/openapi.json',
  '/livez',
  '/readyz',
  '/metrics',
  '/api/nothing',
  '/api/stripe/webhook',
]

function asGet(path: string) {
  return { path, operation: { method: 'GET', path, name: `GET ${path}`, access: 'public', filters: [] } as const }
}
