/**
 * One signing secret takes over from another while deliveries are under way (STR-58 to STR-60): by a pasted one that was rolled in
 * Stripe, and by a second endpoint that Rentroll makes by itself. Nothing genuine is refused, and the old secret ends on the second.
 */
import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { eachProduct, eventually, type Product, type Session } from '#test/product'
import { connectStripe, sandboxKeys, signUp } from './walk.ts'

type Seen = { readonly id: string; readonly url: string; readonly status: string; readonly secret: string }

eachProduct('rotation of a signing secret', (product) => {
  const own = async (session: Session) => {
    const { rows } = await session.good('GET', '/webhooks/endpoints')
    expect(rows).toHaveLength(1)
    return rows[0]
  }
  const atStripe = async (url: string): Promise<readonly Seen[]> => {
    const reply = await fetch(`${product().sandbox.url}/_sandbox/endpoints`)
    return ((await reply.json()) as Seen[]).filter((endpoint) => endpoint.url === url)
  }
  const connected = async () => {
    const session = await signUp(product())
    await connectStripe(session, product())
    const { id, url } = await own(session)
    const [endpoint] = await atStripe(url)
    return { session, id, url, old: endpoint! }
  }

  /** A delivery signed as Stripe would, at the product's present time. @returns the status. */
  async function deliver(url: string, secret: string): Promise<number> {
    const body = JSON.stringify({ id: `evt_${crypto.randomUUID()}`, object: 'event', type: 'customer.deleted' })
    const at = Math.floor(product().clock.now().getTime() / 1000)
    const mac = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')
    const reply = await fetch(url, { method: 'POST', body, headers: { 'Stripe-Signature': `t=${at},v1=${mac}` } })
    return reply.status
  }

  /** The old secret at 23:59:59 and at 24:00:00 after the rotation, on a clock that stands. */
  async function expectEndOnTheSecond(url: string, secrets: { old: string; fresh: string }, endsAt: string) {
    const end = new Date(endsAt).getTime()
    await turn(product(), { set: new Date(end - 1_000).toISOString(), freeze: true })
    expect([await deliver(url, secrets.old), await deliver(url, secrets.fresh)]).toEqual([200, 200])
    await turn(product(), { set: endsAt })
    expect([await deliver(url, secrets.old), await deliver(url, secrets.fresh)]).toEqual([400, 200])
    await turn(product(), { freeze: false })
  }

  test('STR-59 STR-60: rotate for me, with traffic on the road: 0 of the genuine deliveries are refused, and the old one ends on the second', async () => {
    const { session, id, url, old } = await connected()
    const traffic = startTraffic(product())
    const before = refusals(product())
    await eventually(
      () => own(session),
      ({ verified24h }) => verified24h > 3,
    )

    const started = await session.good('POST', `/webhooks/endpoints/${id}/rotations`, { path: 'create' })
    expect(started.rotation).toMatchObject({ path: 'create', state: 'creating', canCancel: true })
    const { rotation } = await eventually(
      () => own(session),
      (endpoint) => endpoint.rotation.state === 'confirmed' && endpoint.rotation.verifiedByNew > 5,
    )
    const sent = await traffic.stop()

    expect(sent.length).toBeGreaterThan(5)
    await eventually(
      () => atStripe(url),
      (both) => both.some(({ id: one, status }) => one === old.id && status === 'disabled'),
    )
    await eventually(
      () => arrived(session, sent),
      (missing) => missing.length === 0,
    )
    expect(refusals(product()) - before).toBe(0)
    const present = await own(session)
    expect(present).toMatchObject({ refused24h: 0, health: 'healthy', stripeStatus: 'enabled' })
    expect(present.secrets.map(({ state }: { state: string }) => state)).toEqual(['valid', 'ending'])
    expect(JSON.stringify(present)).not.toMatch(/whsec_[A-Za-z0-9]/)

    // The count is not blind: five forged deliveries show as five.
    for (let forged = 0; forged < 5; forged += 1) expect(await deliver(url, `whsec_${'forged'.repeat(5)}`)).toBe(400)
    expect(refusals(product()) - before).toBe(5)
    await eventually(
      () => own(session),
      ({ refused24h, health }) => refused24h === 5 && health === 'failing',
    )

    const fresh = (await atStripe(url)).find((one) => one.id !== old.id)!
    await expectEndOnTheSecond(url, { old: old.secret, fresh: fresh.secret }, rotation.oldEndsAt)
    await eventually(
      () => own(session),
      (endpoint) => endpoint.rotation.state === 'done',
    )
    expect(await atStripe(url)).toMatchObject([{ id: fresh.id, status: 'enabled' }])
  })

  test('STR-58 STR-60: rolled in Stripe and pasted: both work for 24 hours, also what Stripe signs with both, and the old one ends on the second', async () => {
    const { session, id, url, old } = await connected()
    const before = refusals(product())
    const rolled = await control(product(), `/endpoints/${old.id}/roll`, { expiresInHours: 24 })
    const [fresh] = await atStripe(url)
    expect(rolled.id).toBe(old.id)

    const pasted = await session.good('POST', `/webhooks/endpoints/${id}/rotations`, {
      path: 'paste',
      webhookSecret: ` "${fresh!.secret}" `,
    })

    expect(pasted.rotation).toMatchObject({ path: 'paste', state: 'overlap', verifiedByNew: 0, canEndOld: false })
    expect(pasted.rotation.whyNot).toBe('No delivery has used the new secret yet.')
    const traffic = startTraffic(product())
    await eventually(
      () => own(session),
      ({ verified24h }) => verified24h > 3,
    )
    const sent = await traffic.stop()
    await eventually(
      () => arrived(session, sent),
      (missing) => missing.length === 0,
    )
    expect(refusals(product()) - before).toBe(0)
    await eventually(
      () => deliver(url, old.secret).then(() => own(session)),
      ({ rotation }) => rotation.verifiedByOld > 0,
    )
    await expectEndOnTheSecond(url, { old: old.secret, fresh: fresh!.secret }, pasted.rotation.oldEndsAt)
  })

  test('STR-58 UI-152: it leaked: the old secret is refused from now on, and another rotation may be cancelled', async () => {
    const { session, id, url, old } = await connected()
    const webhookSecret = `whsec_${'n'.repeat(32)}`
    const rotate = (body: object) => session.good('POST', `/webhooks/endpoints/${id}/rotations`, body)
    expect(await deliver(url, old.secret)).toBe(200)

    const leaked = await rotate({ path: 'leak', webhookSecret })
    expect(leaked.rotation).toMatchObject({ state: 'done', canCancel: false })
    await eventually(
      () => deliver(url, old.secret),
      (status) => status === 400,
    )
    await eventually(
      () => deliver(url, webhookSecret),
      (status) => status === 200,
    )

    const { rotation } = await rotate({ path: 'paste', webhookSecret: `whsec_${'m'.repeat(32)}` })
    const again = await session.refused('POST', `/webhooks/endpoints/${id}/rotations`, { path: 'create' })
    expect(again.body).toMatchObject({ code: 'rotation_under_way', status: 409 })
    const cancelled = await session.good('POST', `/webhooks/endpoints/${id}/rotations/${rotation.id}/cancel`)
    expect(cancelled.rotation).toMatchObject({ state: 'cancelled' })
  })

  test('STR-47: the test event arrives, and what another operator has is not there', async () => {
    const { session, id } = await connected()
    expect(await session.good('POST', `/webhooks/endpoints/${id}/test`)).toMatchObject({ state: 'arrived' })
    const { rotation } = await session.good('POST', `/webhooks/endpoints/${id}/rotations`, {
      path: 'paste',
      webhookSecret: `whsec_${'k'.repeat(32)}`,
    })
    const stranger = await connected()

    for (const path of ['/check', '/fix', '/enable', '/test', '/rotations']) {
      const body = path === '/rotations' ? { path: 'create' } : {}
      const reply = await stranger.session.refused('POST', `/webhooks/endpoints/${id}${path}`, body)
      expect(reply.status, path).toBe(404)
    }
    for (const deed of ['confirm', 'end-old', 'cancel']) {
      const path = `/webhooks/endpoints/${stranger.id}/rotations/${rotation.id}/${deed}`
      expect((await stranger.session.refused('POST', path)).status, deed).toBe(404)
    }
    expect((await own(session)).rotation).toMatchObject({ id: rotation.id, state: 'overlap' })
  })
})

async function turn(product: Product, wish: object): Promise<void> {
  await control(product, '/clock', wish)
}

async function control(product: Product, path: string, wish: object): Promise<any> {
  const reply = await fetch(`${product.sandbox.url}/_sandbox${path}`, { method: 'POST', body: JSON.stringify(wish) })
  const body: any = await reply.json()
  expect(reply.status, JSON.stringify(body)).toBe(200)
  return body
}

function refusals({ logLines }: Product): number {
  return logLines.filter((line) => line.includes('a delivery was refused')).length
}

/** Set-up attempts made and cancelled one after the other; each cancelling is an event both endpoints are subscribed to. */
function startTraffic(product: Product) {
  const { secretKey } = sandboxKeys(product)
  const headers = { Authorization: `Bearer ${secretKey}` }
  const ids: string[] = []
  let isOn = true
  const post = async (path: string) => {
    const reply = await fetch(`${product.sandbox.url}/v1/setup_intents${path}`, { method: 'POST', headers })
    return (await reply.json()) as { id: string }
  }
  const running = (async () => {
    while (isOn) {
      const { id } = await post('')
      await post(`/${id}/cancel`)
      ids.push(id)
      // Each is read again at Stripe, which takes 20 requests a second in test mode: more would only make a line.
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  })()
  return {
    /** @returns the ids whose cancelling must have arrived. */
    async stop(): Promise<readonly string[]> {
      isOn = false
      await running
      return ids
    },
  }
}

/** Those that have not arrived yet. */
async function arrived(session: Session, ids: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>()
  let next: string | undefined
  do {
    const page = await session.good('GET', `/webhooks/events?limit=100${next ? `&after=${next}` : ''}`)
    for (const { objectId, type } of page.rows) if (type === 'setup_intent.canceled') found.add(objectId)
    next = page.next
  } while (next)
  return ids.filter((id) => !found.has(id))
}
