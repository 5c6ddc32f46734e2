/**
 * Leaving a Stripe account with something under way (STR-25 to STR-27): a bank debit settles days later and is booked, and only then are
 * the secrets gone from the database. A challenge nobody answered and a page nobody finished end at Stripe.
 */
import { expect, test } from 'vitest'
import { inScope } from '#platform'
import { eachProduct, eventually, expectBooksToHold, requestKey, type Product, type Session } from '#test/product'
import { dump } from './dump.ts'
import { control } from './faulty.ts'
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
  payOnHostedPage,
  sandboxKeys,
  saveCard,
  saveDebit,
  signInAgain,
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
      .flatMap((row) => Object.values(row).filter((value) => String(value).startsWith('v1|'))),
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
  /** Left with a debit in flight; the last test turns the clock for it as well. */
  let switched: { readonly session: Session; readonly invoiceId: string; readonly id: string } | undefined

  test('STR-26: Finish now wipes at once and lists what to look up; connecting the same account again revives it', async () => {
    const session = await signUp(product())
    const operatorId = await operatorIdOf(product(), session)
    await connectStripe(session, product())
    const { id } = await session.good('GET', '/connections/stripe')
    const { invoiceId, renterId } = await debitUnderWay(session, product())
    expect((await session.refused('POST', `/connections/${id}/finish`)).body).toMatchObject({ code: 'not_draining' })
    await leave(session)

    await connectStripe(session, product(), { webhook: false })
    expect(await session.good('GET', '/connections/stripe')).toMatchObject({ id, state: 'connected' })
    const { methods } = await session.good('GET', `/renters/${renterId}`)
    expect(methods[0]).not.toHaveProperty('unusableReason')

    await leave(session)
    const { drainings } = await session.good('POST', `/connections/${id}/finish`)
    const { payments } = await invoiceOf(session, invoiceId)
    expect(drainings).toMatchObject([
      {
        endedAt: expect.any(String),
        leftOver: [{ state: 'The bank is processing it', stripeId: expect.stringMatching(/^pi_/) }],
      },
    ])
    expect(payments).toMatchObject([{ state: 'processing' }])
    expect(await sealedOf(product(), operatorId)).toEqual([])

    await connectStripe(session, product(), { webhook: false })
    await eventually(
      () => session.good('GET', `/renters/${renterId}`),
      ({ methods: [method] }) => method.unusableReason === undefined,
    )
    expect(await session.good('GET', '/connections/drainings')).toMatchObject({ drainings: [] })
  })

  test('STR-25 UI-125: switching drains the old account beside the new; renters left behind are asked by one mail', async () => {
    const session = await signUp(product())
    await connectStripe(session, product())
    const old = await session.good('GET', '/connections/stripe')
    const { invoiceId, renterId } = await debitUnderWay(session, product())
    const paying = await furnish(session)
    await saveCard(session, product(), paying.renterId)
    await cardOnFile(session, paying.renterId)
    const { invoiceId: paidId } = await checkOut(session, paying)
    const paid = await labelled(session, paidId, 'Paid')
    const { publishableKey, secretKey } = sandboxKeys(product(), 'Keystone Storage')
    const pasted = { publishableKey, secretKey }
    const { body } = await session.refused('PUT', '/connections/stripe', pasted)
    expect(body).toMatchObject({ code: 'different_account', detail: expect.stringContaining('2 renters with autopay') })
    const wrong = await session.refused('POST', '/connections/stripe/switch', { ...pasted, word: 'yes' })
    expect(wrong.body.errors).toEqual([{ pointer: '/word', detail: 'Type the word switch.' }])

    const { drainings, tied } = await session.good('POST', '/connections/stripe/switch', { ...pasted, word: 'switch' })

    expect(drainings).toMatchObject([{ connectionId: old.id, groups: [{ kind: 'debits' }] }])
    expect(tied).toMatchObject([{ connectionId: old.id, renters: [{ isAsked: false }, { isAsked: false }] }])
    const present = await session.good('POST', '/connections/stripe/endpoint')
    expect(present).toMatchObject({ state: 'connected', account: { name: 'Keystone Storage' } })
    expect(present.id).not.toBe(old.id)
    const { methods, email } = await session.good('GET', `/renters/${renterId}`)
    expect(methods[0].unusableReason).toContain('another Stripe account')
    await addFunds(product())
    const refund = { requestKey: requestKey(), paymentId: paid.payments[0].id, amount: '5.00', reason: 'Too warm' }
    await session.good('POST', `/invoices/${paidId}/refund`, refund)
    await eventually(
      () => invoiceOf(session, paidId),
      ({ refunds }) => refunds[0]?.state === 'succeeded',
    )

    expect(await session.good('POST', `/connections/${old.id}/ask-renters`)).toEqual({ asked: 2 })
    expect((await session.refused('POST', `/connections/${old.id}/ask-renters`)).body.code).toBe('nobody_to_ask')
    const mails = await eventually(
      () => mailsTo(product(), email),
      (all) => all.some(({ subject }) => subject.includes('asks for a payment method')),
    )
    const mail = mails.find(({ subject }) => subject.includes('asks for a payment method'))!
    const token = /\/pay\/method\/([A-Za-z0-9_-]{43})/.exec(mail.text)![1]!
    const link = `/api/v1/method-links/${token}`
    expect(await session.good('GET', link)).toMatchObject({ state: 'wanted' })
    expect((await session.call('GET', `/api/v1/pay/${token}`)).status).toBe(404)
    const { url } = await session.good('POST', `${link}/setup`, { requestKey: requestKey() })
    await payOnHostedPage(product(), url, '4242424242424242')
    await eventually(
      () => session.good('GET', link),
      ({ state }) => state === 'saved',
    )
    const left = await session.good('GET', '/connections/drainings')
    expect(left.tied).toMatchObject([{ renters: [{ isAsked: true }] }])

    switched = { session, invoiceId, id: present.id }
  })

  test('STR-26 STR-28: with a key Stripe no longer accepts one can still leave', async () => {
    const session = await signUp(product())
    await connectStripe(session, product())
    const set = await furnish(session)
    await saveCard(session, product(), set.renterId, '4000000000000341')
    await cardOnFile(session, set.renterId)
    const { invoiceId } = await checkOut(session, set)
    await labelled(session, invoiceId, 'Payment Failed')
    const rule = { where: 'api', match: {}, effect: { kind: 'status_before', status: 401 } }
    await control(product(), 'POST', '/faults', { ...rule, times: 100 })

    expect(await leave(session)).toMatchObject({ state: 'none' })

    await control(product(), 'DELETE', '/faults')
    expect(await sealedOf(product(), await operatorIdOf(product(), session))).toEqual([])
    expect((await invoiceOf(session, invoiceId)).payments).toMatchObject([{ state: 'failed' }])
  })

  test(
    'STR-26 UI-132: a bank debit in flight settles and is booked, then the secrets are gone from a dump',
    { timeout: 240_000 },
    async () => {
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

      // Its own, and that of the account that was switched away from. Two business days and a weekend at most.
      for (let day = 1; day <= 6 && endpointsAt() > before - 2; day += 1) await turn(product(), { advance: 'P1D' })

      expect(await sealedOf(product(), operatorId)).toEqual([])
      const paid = await inScope(product().ground.database, { operatorId, mode: 'test' }, (rows) =>
        rows
          .selectFrom('app.payments')
          .select(['state', 'method', 'fee_minor as fee'])
          .where('state', '=', 'succeeded')
          .execute(),
      )
      expect(paid).toMatchObject([{ method: 'bank_debit', fee: expect.stringMatching(/^[1-9]/) }])
      await expectBooksToHold(product(), { operatorId, mode: 'test' })
      expect(endpointsAt()).toBe(before - 2)
      const whole = [...(await dump(product())).values()].join('\n')
      expect(whole).not.toContain(secretKey)
      await signInAgain(session)
      expect(await invoiceOf(session, invoiceId)).toMatchObject({ label: { text: 'Paid' } })
      expect(await session.good('GET', '/connections/stripe')).toMatchObject({ state: 'none' })

      const beside = switched!
      await signInAgain(beside.session)
      await labelled(beside.session, beside.invoiceId, 'Paid')
      expect(await beside.session.good('GET', '/connections/drainings')).toMatchObject({ drainings: [] })
      expect(await beside.session.good('GET', '/connections/stripe')).toMatchObject({
        id: beside.id,
        state: 'connected',
      })
    },
  )
})
