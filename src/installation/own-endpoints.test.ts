import { afterAll, beforeAll, expect, test } from 'vitest'
import { Secret } from '#platform'
import { createStripe, type EndpointSeen } from '#stripe'
import { eachDatabase } from '#test/databases'
import { openStripeSandbox, type StripeSandboxGround } from '#test/stripe-sandbox'
import { installationScope } from './installation.ts'
import { ensureInstallationEndpoints, listInstallationEndpoints, listInstallationSecrets } from './own-endpoints.ts'
import { rotateEndpoint } from './rotate-endpoint.ts'
import type { WatchGround } from './standing.ts'
import type { TellGround } from './tell-administrators.ts'
import { watchInstallation } from './watch.ts'

const dayMs = 24 * 3_600_000

eachDatabase('endpoints of the installation', {}, (ground) => {
  let sandbox: StripeSandboxGround
  let parts: WatchGround & TellGround
  beforeAll(async () => {
    const { clock, database, box, logs } = ground()
    sandbox = await openStripeSandbox(clock)
    const platformKeys = { test: new Secret(sandbox.keysOf({ account: 'Rental Platform' }).secret) }
    const stripe = createStripe({ apiBase: sandbox.sandbox.url, logs, clock, installation: 'test', platformKeys })
    const mailer = { isOutbox: true, send: () => Promise.resolve() }
    const nobody = { administrators: [], isSandboxOn: false, hasOutsideSecret: false, mailer }
    parts = { database, box, stripe, logs, publicUrl: 'http://127.0.0.1:1', ...nobody }
  })
  afterAll(() => sandbox?.close())

  const atStripe = (): Promise<readonly EndpointSeen[]> => parts.stripe.listEndpoints(installationScope('test'))

  test('STR-41: the pair of endpoints is made once, kept sealed, and moves with the installation', async () => {
    await Promise.all([ensureInstallationEndpoints(parts), ensureInstallationEndpoints(parts)])
    await ensureInstallationEndpoints(parts)
    expect(await atStripe()).toHaveLength(2)
    const secrets = await listInstallationSecrets(parts)
    expect(secrets.map(({ kind, mode }) => `${kind} ${mode}`).toSorted()).toEqual(['connect test', 'platform test'])
    expect(secrets.every(({ text }) => text.startsWith('whsec_'))).toBe(true)

    parts = { ...parts, publicUrl: 'http://127.0.0.1:2' }
    await ensureInstallationEndpoints(parts)
    expect(await listInstallationSecrets(parts)).toHaveLength(4)
    ground().clock.advance(dayMs + 1_000)
    expect(await listInstallationSecrets(parts)).toHaveLength(2)
    await watchInstallation(parts)
    expect((await atStripe()).map(({ url }) => url)).toEqual(Array(2).fill('http://127.0.0.1:2/api/stripe/webhook'))
  })

  test('STR-59 STR-106: a second endpoint takes over; both secrets are accepted for 24 hours, and the old one is deleted then', async () => {
    const before = await listInstallationSecrets(parts)
    const presses = await Promise.all([1, 2].map(() => rotateEndpoint(parts, { mode: 'test', kind: 'connect' })))
    expect(presses.some(({ ok }) => ok)).toBe(true)

    const during = await listInstallationSecrets(parts)
    for (const { id, text } of before) expect(during).toContainEqual(expect.objectContaining({ id, text }))
    expect(during.filter(({ kind }) => kind === 'connect')).toHaveLength(2)
    const states = (await listInstallationEndpoints(parts.database)).filter(({ kind }) => kind === 'connect')
    expect(states.map(({ state }) => state).toSorted()).toEqual(['ending', 'ready'])
    const connect = (await atStripe()).filter(({ enabledEvents }) => enabledEvents.includes('payment_intent.succeeded'))
    expect(connect).toHaveLength(2)

    ground().clock.advance(dayMs + 1_000)
    await watchInstallation(parts)
    expect(await listInstallationSecrets(parts)).toHaveLength(2)
    expect(await atStripe()).toHaveLength(2)
  })

  test('STR-59: a press whose look at Stripe lasts until another has ended makes no third endpoint', async () => {
    const wish = { mode: 'test', kind: 'connect' } as const
    const first = { end: () => {} }
    const ended = new Promise<void>((resolve) => (first.end = resolve))
    const slow: typeof parts.stripe = {
      ...parts.stripe,
      listEndpoints: (scope) => parts.stripe.listEndpoints(scope).finally(() => ended),
    }

    const late = rotateEndpoint({ ...parts, stripe: slow }, wish)
    expect(await rotateEndpoint(parts, wish)).toMatchObject({ ok: true })
    first.end()

    expect(await late).toMatchObject({ refusal: { code: 'rotation_done' } })
    expect((await listInstallationSecrets(parts)).filter(({ kind }) => kind === 'connect')).toHaveLength(2)
    expect(await atStripe()).toHaveLength(3)
    ground().clock.advance(dayMs + 1_000)
    await watchInstallation(parts)
    expect(await atStripe()).toHaveLength(2)
  })

  test('UI-112: an endpoint that is deleted at Stripe is found at the next look and told to nobody where nobody runs it', async () => {
    const [connect] = (await atStripe()).filter(({ enabledEvents }) => enabledEvents.includes('person.created'))
    await parts.stripe.deleteEndpoint(installationScope('test'), connect!.id, { idempotencyKey: 'by-hand' })
    ground().clock.advance(dayMs)
    await watchInstallation(parts)
    const [seen] = (await listInstallationEndpoints(parts.database)).filter(({ kind }) => kind === 'connect')
    expect(seen!.seen).toMatchObject({ isFound: false })
  })
})
