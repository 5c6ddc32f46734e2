/**
 * Leaving a Stripe account with something under way (STR-25 to STR-27): a bank debit settles days later and is booked, and only then are
 * the secrets gone from the database. A challenge nobody answered and a page nobody finished end at Stripe.
 */
import { expect, test } from 'vitest'
import { inScope } from '#platform'
import { eachProduct, eventually, expectBooksToHold, requestKey, type Product, type Session } from '#test/product'
import { dump } from './dump.ts'
import { operatorIdOf } from './fingerprints.ts'
import {
  addFunds,
  cardOnFile,
  checkOut,
  connectStripe,
  furnish,
  invoiceOf,
  labelled,
  mailsTo,
  sandboxKeys,
  saveCard,
  saveDebit,
  signUp,
  turn,
} from './walk.ts'

const leave = (session: Session) => session.good('POST', '/connections/stripe/disconnect', { word: 'disconnect' })
const becs = '000000/000123456'

/** What of this operator stands sealed in the dump: keys, probes, signing secrets. */
async function sealedOf(product: Product, operatorId: string): Promise<readonly string[]> {
  const tables = await dump(product)
  return ['app.connections', 'app.endpoint_secrets'].flatMap((name) =>
    (JSON.parse(`[${tables.get(name)}]`) as Record<string, string | null>[])
      .filter((row) => row['operator_id'] === operatorId)
      .flatMap((row) => Object.values(row).filter((value) => /^v1\|/.test(String(value)))),
  ) as string[]
}

/** A renter with a bank account saved, checked out, the first invoice on its way through the bank. */
async function debitUnderWay(session: Session, product: Product) {
  const set = await furnish(session)
  await saveDebit(session, product, { renterId: set.renterId, account: becs })
  await cardOnFile(session, set.renterId)
  const { invoiceId } = await checkOut(session, set)
  await eventually(
    () => invoiceOf(session, invoiceId),
    ({ payments }) => payments[0]?.state === 'processing',
  )
  return { ...set, invoiceId }
}

eachProduct('draining', (product) => {
  test('STR-26 UI-132: a bank debit in flight settles and is booked, then the secrets are gone from a dump', async () => {
    const session = await signUp(product())
    const operatorId = await operatorIdOf(product(), session)
    await connectStripe(session, product())
    const { id } = await session.good('GET', '/connections/stripe')
    const { invoiceId, renterId } = await debitUnderWay(session, product())
    const challenged = await furnish(session)
    await saveCard(session, product(), challenged.renterId, '4000002760003184')
    await cardOnFile(session, challenged.renterId)
    const { invoiceId: waitingId } = await checkOut(session, challenged)
    await eventually(
      () => invoiceOf(session, waitingId),
      ({ payments }) => payments[0]?.state === 'requires_action',
    )
    const { url } = await session.good('POST', `/renters/${renterId}/setup`, {
      requestKey: requestKey(),
      returnTo: `/w/${session.slug}/renters`,
    })

    const preview = await session.good('GET', `/connections/${id}/disconnect`)
    const counted = Object.fromEntries(preview.groups.map(({ kind, count }: any) => [kind, count]))
    expect(counted).toMatchObject({ payments: 1, debits: 1, setups: 1, leases: 1, saved_methods: 2 })
    expect(preview.groups.find(({ kind }: any) => kind === 'debits')).toMatchObject({
      title: '1 bank debit processing',
      sums: [{ amountMinor: '31000', currency: 'AUD' }],
      items: [{ href: expect.stringContaining('/billing/invoices/inv_'), stripeId: expect.stringMatching(/^pi_/) }],
    })
    expect(preview.unknown.join(' ')).toMatch(/Stripe .*holds.*Disputes are not kept here/s)

    expect(await leave(session)).toMatchObject({ state: 'disconnecting', badges: [{ label: 'Disconnecting' }] })
    expect(await leave(session)).toMatchObject({ state: 'disconnecting' })
    expect(await invoiceOf(session, waitingId)).toMatchObject({ payments: [{ state: 'canceled' }] })
    const page = await fetch(url)
    expect(await page.text()).toMatch(/expired|no longer/i)
    const refused = { requestKey: requestKey() }
    for (const path of [`/invoices/${waitingId}/take-payment`, `/renters/${renterId}/setup`]) {
      const wish = path.endsWith('setup') ? { ...refused, returnTo: '/w/x/renters' } : refused
      expect((await session.refused('POST', path, wish)).body).toMatchObject({ code: 'no_connection' })
    }
    const { drainings } = await session.good('GET', '/connections/drainings')
    expect(drainings).toMatchObject([{ connectionId: id, groups: [{ kind: 'debits', count: 1 }], leftOver: [] }])
    expect((await sealedOf(product(), operatorId)).length).toBeGreaterThan(1)
    const { secretKey, accountId } = sandboxKeys(product())
    const endpointsAt = () => product().sandbox.stripe.listObjects(accountId, 'test', 'webhook_endpoint').length
    const before = endpointsAt()

    await turn(product(), { advance: 'P4D' })

    await eventually(
      () => sealedOf(product(), operatorId),
      (sealed) => sealed.length === 0,
    )
    const paid = await inScope(product().ground.database, { operatorId, mode: 'test' }, (rows) =>
      rows.selectFrom('app.payments').select(['state', 'method', 'fee_minor as fee']).where('state', '=', 'succeeded').execute(),
    )
    expect(paid).toMatchObject([{ method: 'bank_debit', fee: expect.stringMatching(/^[1-9]/) }])
    await expectBooksToHold(product(), { operatorId, mode: 'test' })
    expect(endpointsAt()).toBe(before - 1)
    const whole = [...(await dump(product())).values()].join('\n')
    expect(whole).not.toContain(secretKey)
    const again = await signInAgain(product(), session)
    expect(await invoiceOf(again, invoiceId)).toMatchObject({ label: { text: 'Paid' } })
    expect(await again.good('GET', '/connections/stripe')).toMatchObject({ state: 'none' })
  })
})

/** After days the visit may have ended. */
async function signInAgain(product: Product, session: Session): Promise<Session> {
  const email = `owner@${session.slug}.example`
  await session.call('POST', '/api/v1/sign-in', { email, password: 'correct horse battery staple' })
  return session
}
