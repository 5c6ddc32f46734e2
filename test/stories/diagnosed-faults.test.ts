/**
 * The troubles of own keys from end to end (STR-110 to STR-112, UI-160): provoked at the sandbox, found by the watch without anybody
 * pressing anything, cured by the button beside them, and gone by themselves. The watch runs every 25 seconds; here it is asked to look
 * now, on a clock that was turned by less than a minute.
 */
import { beforeAll, expect, test } from 'vitest'
import { watchAll } from '#diagnosis'
import { eachProduct, eventually, type Product } from '#test/product'
import { control, openLane, pasteKeys, provoke, renterWithCard, type Lane } from './faulty.ts'
import { checkOut, furnish, labelled, mailsTo } from './walk.ts'

const titles = {
  keys: 'Unable to verify credentials',
  pending: 'Payments stuck in "Pending"',
  test: 'Connection test failed',
}

eachProduct('diagnosis', (product) => {
  let lane: Lane
  beforeAll(async () => {
    lane = await openLane(product(), 'Harbour Troubles')
  })

  const look = async () => watchAll(product().ground)
  const read = () => lane.session.good('GET', '/diagnosis')
  const checkOf = (diagnosis: any, title: string) => diagnosis.checks.find((check: any) => check.title === title)

  /** Time passes in steps only, less than a minute in all, until the check says so. */
  async function within60(title: string, isSo: (check: any) => boolean): Promise<any> {
    const { clock } = product()
    clock.standAt(clock.now())
    let passedMs = 0
    const turn = async () => {
      if (passedMs < 56_000) clock.advance(8_000)
      passedMs += 8_000
      await look()
      return checkOf(await read(), title)
    }
    const check = await eventually(turn, isSo)
    clock.flow()
    return check
  }
  /** The remedy beside a payment that waits; refused when it went on by itself meanwhile. */
  const checkPayments = () =>
    lane.session.call('POST', `/api/v1/w/${lane.session.slug}/diagnosis/check-payments?mode=test`, {})
  const isFound = ({ state }: any) => state === 'found'
  const isFine = ({ state }: any) => state === 'ok'
  const labels = ({ remedies }: any) => remedies.map(({ label }: any) => label)

  test('UI-160: all is well, no trouble is open, and who is not connected reads why nothing can be told', async () => {
    // Payouts are read in the background once the keys are saved.
    await eventually(read, (seen) => checkOf(seen, 'Scheduled payout failed').state === 'ok')
    const { checks, cleared } = await lane.session.good('POST', '/diagnosis/run')
    expect(checks.filter(({ state }: any) => state !== 'ok')).toEqual([])
    expect(checks).toHaveLength(14)
    expect(cleared).toEqual([])
    lane.session.mode = 'live'
    const live = await read()
    lane.session.mode = 'test'
    expect(checkOf(live, titles.keys)).toMatchObject({
      state: 'cannot_tell',
      text: expect.stringContaining('not connected'),
    })
  })

  test('STR-110: a key that Stripe refuses in use is found, told once, and cured by new keys; the payment goes on', async () => {
    const set = await renterWithCard(lane)
    const end = await provoke(lane, [{ where: 'api', effect: 'revoke_key' }])
    const { invoiceId } = await checkOut(lane.session, set)

    const check = await within60(titles.keys, isFound)

    expect(check).toMatchObject({
      cause: 'key_refused',
      text: expect.stringContaining('none is lost'),
      since: expect.any(String),
    })
    expect(labels(check)[0]).toBe('Replace keys')
    const diagnosis = await read()
    expect(diagnosis.checks[0].title).toBe(titles.keys)
    expect(checkOf(diagnosis, titles.pending)).toMatchObject({ state: 'cannot_tell' })
    expect(diagnosis.report).toContain('Unable to verify credentials: FOUND')
    expect(JSON.stringify(diagnosis)).not.toMatch(/sk_test_[A-Za-z0-9]{6}|whsec_[A-Za-z0-9]{4}/)
    await look()
    const owner = `owner@${lane.session.slug}.example`
    const told = () =>
      mailsTo(product(), owner).then((mails) => mails.filter(({ subject }) => subject.startsWith(titles.keys)))
    await eventually(told, (mails) => mails.length === 1)
    await end()
    await pasteKeys(lane)
    expect(await within60(titles.keys, isFine)).toMatchObject({ remedies: [] })
    await checkPayments()
    await labelled(lane.session, invoiceId, 'Paid')
    expect((await read()).cleared).toMatchObject([{ title: titles.keys }])
    expect(await told()).toHaveLength(1)
  })

  const variants = [
    ['deleted', 'no_endpoint', 'An endpoint was created at Stripe', 'nowhere to report'],
    ['disabled', 'switched_off', 'switched on again', 'switched off'],
    ['wrong_url', 'wrong_url', 'points to the address of this connection again', '-moved'],
    ['wrong_secret', 'secret_mismatch', 'took the place of the old one', 'deliveries are refused'],
    ['events_removed', 'events_missing', 'Added at Stripe: ', 'payment_intent.succeeded'],
  ] as const

  test.each(variants)(
    'STR-111: the endpoint is %s: found as %s with a payment made, named, repaired, and a delivery proves it',
    async (variant, cause, sentence, names) => {
      await breakEndpoint(lane, variant)
      const { invoiceId } = await checkOut(lane.session, await renterWithCardByPolling())
      await labelled(lane.session, invoiceId, 'Paid')

      const check = await within60(titles.pending, ({ cause: seen }) => seen === cause)

      expect(labels(check)).toContain('Repair webhook')
      expect(check.text).toContain(names)
      const { changes, diagnosis } = await lane.session.good('POST', '/diagnosis/repair-webhook')
      expect(changes.join(' ')).toContain(sentence)
      expect(changes.join(' ')).toContain('delivered and verified')
      expect(changes.join(' ')).toMatch(/missed events? fetched|No event was missed/)
      expect(checkOf(diagnosis, titles.pending)).toMatchObject({ state: 'ok' })
      await look()
      expect(checkOf(await read(), titles.pending)).toMatchObject({ state: 'ok' })
    },
  )

  /** A card saved while no delivery may come: its news is fetched by asking. */
  async function renterWithCardByPolling() {
    const { renterId } = cards
    const set = await furnish(lane.session)
    return { ...set, renterId }
  }
  const cards = { renterId: '' }
  beforeAll(async () => {
    cards.renterId = (await renterWithCard(lane)).renterId
  })

  test('STR-112: Stripe does not answer: network and account are told apart, it is tested again by itself, and clears', async () => {
    const end = await provoke(lane, [{ where: 'api', effect: 'drop_before' }])
    const { invoiceId } = await checkOut(lane.session, await renterWithCardByPolling())

    const check = await within60(titles.test, isFound)

    expect(check).toMatchObject({
      cause: 'stripe_unreachable',
      text: expect.stringContaining('Your keys are not the cause'),
    })
    expect(labels(check)).toEqual(['Test again'])
    expect(checkOf(await read(), titles.keys)).toMatchObject({ state: 'ok' })
    const again = await lane.session.good('POST', '/diagnosis/test-again')
    expect(again.changes[0]).toBe(`${titles.test}.`)
    await end()
    product().clock.advance(5 * 60_000)
    await look()
    await eventually(
      () => look().then(read),
      (diagnosis) => checkOf(diagnosis, titles.test).state === 'ok',
    )
    await checkPayments()
    await labelled(lane.session, invoiceId, 'Paid')
  })

  test('STR-112: the account may not charge: the remedy is Stripe, and it clears when the account may again', async () => {
    const switchCharges = (isOn: boolean) => setCharges(product(), lane.account, isOn)
    await switchCharges(false)
    expect(await lane.session.good('POST', '/connections/stripe/test')).toMatchObject({ title: titles.test })
    const seen = await read()
    expect(checkOf(seen, titles.test)).toMatchObject({ state: 'found', cause: 'account_inactive' })
    expect(labels(checkOf(seen, titles.test))).toEqual(['Open Stripe', 'Test again'])
    await switchCharges(true)
    const { diagnosis } = await lane.session.good('POST', '/diagnosis/test-again')
    expect(checkOf(diagnosis, titles.test)).toMatchObject({ state: 'ok' })
  })

  test('STR-111: Check these payments now refuses when there is none', async () => {
    const refused = await lane.session.refused('POST', '/diagnosis/check-payments')
    expect(refused.body).toMatchObject({ code: 'nothing_to_check', status: 409 })
  })
})

/** What a person or Stripe does to the endpoint, as SBX-96 does it. */
async function breakEndpoint({ product, secretKey }: Lane, variant: string): Promise<void> {
  const all: any[] = await control(product, 'GET', '/endpoints')
  const { id, url } = all.find((one) => one.url.startsWith(product.origin) && one.status === 'enabled')
  const stripe = async (method: string, form?: Record<string, string>): Promise<any> => {
    const reply = await fetch(`${product.sandbox.url}/v1/webhook_endpoints/${id}`, {
      method,
      headers: { Authorization: `Bearer ${secretKey}` },
      ...(form && { body: new URLSearchParams(form) }),
    })
    return reply.json()
  }
  if (variant === 'deleted') await stripe('DELETE')
  if (variant === 'disabled') await stripe('POST', { disabled: 'true' })
  if (variant === 'wrong_url') await stripe('POST', { url: `${url}-moved` })
  if (variant === 'wrong_secret') await control(product, 'POST', `/endpoints/${id}/roll`, { expiresInHours: 0 })
  if (variant !== 'events_removed') return
  const { enabled_events: events } = await stripe('GET')
  const rest = events.filter((name: string) => !/^(payment_intent|charge)\.succeeded$/.test(name))
  await stripe('POST', Object.fromEntries(rest.map((name: string, at: number) => [`enabled_events[${at}]`, name])))
}

/** What Stripe decides about an account; the sandbox has no button for own accounts. */
function setCharges({ sandbox }: Product, account: string, isOn: boolean): void {
  const { world } = sandbox.stripe as unknown as {
    world: { root: { update(kind: string, id: string, change: object): void }; transaction(work: () => void): void }
  }
  world.transaction(() => world.root.update('account', account, { object: { charges_enabled: isOn } }))
}
