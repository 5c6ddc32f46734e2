import { expect, test } from 'vitest'
import { inScope } from '#platform'
import { eachProduct, eventually, expectBooksToHold, requestKey, type Session } from '#test/product'
import {
  chargesFor,
  cardOnFile,
  checkOut,
  invoiceOf,
  labelled,
  mailsTo,
  ready,
  sandboxKeys,
  saveCard,
  scopeOf,
  signUp,
  today,
} from './walk.ts'

eachProduct('the first payment', (product) => {
  test('L5 L6 L9 L28: keys pasted, space checked out, the saved card is charged by itself and the invoice reads Paid', async () => {
    const { session, set } = await ready(product())
    await saveCard(session, product(), set.renterId)
    await cardOnFile(session, set.renterId)

    const { invoiceId } = await checkOut(session, set)

    const paid = await labelled(session, invoiceId, 'Paid')
    expect(paid).toMatchObject({
      status: 'paid',
      balance: { amountMinor: '0' },
      number: expect.stringMatching(/^TEST-INV-\d{6}$/),
    })
    expect(paid.lines.map((line: any) => [line.kind, line.total.amountMinor])).toEqual([
      ['rent', '11000'],
      ['deposit', '20000'],
    ])
    expect(paid.payments).toMatchObject([
      {
        state: 'succeeded',
        amount: { amountMinor: '31000' },
        method: expect.stringContaining('4242'),
        receiptUrl: expect.stringContaining('/receipts/ch_'),
      },
    ])
    const [lease] = (await session.good('GET', '/leases')).rows
    expect(lease.state).toBe('active')
    await expectBooksToHold(product(), await scopeOf(product(), session))
  })

  test('L6 UI-130: the endpoint made for the operator receives a signed event, and the console says so', async () => {
    const { session, set } = await ready(product())
    await saveCard(session, product(), set.renterId)
    const connection = await eventually(
      () => session.good('GET', '/connections/stripe'),
      (seen) => seen.webhook.firstVerifiedAt !== undefined,
    )
    expect(connection.webhook.state).toBe('healthy')
    const inbox = await eventually(
      () => session.good('GET', '/webhooks/events'),
      ({ rows }) => rows.some((row: any) => row.type === 'setup_intent.succeeded' && row.state === 'done'),
    )
    expect(inbox.rows.length).toBeGreaterThan(0)
  })

  test('L8 B1: without any webhook the card is saved and the invoice becomes Paid by asking', async () => {
    const { session, set } = await ready(product(), { webhook: false })
    await saveCard(session, product(), set.renterId)
    const { invoiceId } = await (async () => {
      await product().ground.jobs.shift(20_000)
      await cardOnFile(session, set.renterId)
      return checkOut(session, set)
    })()
    await labelled(session, invoiceId, 'Paid')
    await expectBooksToHold(product(), await scopeOf(product(), session))
  })

  test('STR-82: a declined card fails with the reason in words; a new card is charged at once, once', async () => {
    const { session, set } = await ready(product())
    await saveCard(session, product(), set.renterId, '4000000000000341')
    await cardOnFile(session, set.renterId)
    const { invoiceId } = await checkOut(session, set)
    const failed = await labelled(session, invoiceId, 'Payment Failed')
    expect(failed.payments[0].reason).toMatch(/declined/)
    expect(failed.timeline.map(({ title }: any) => title)).toContain('Payment failed')

    await saveCard(session, product(), set.renterId, '4242424242424242')

    const paid = await labelled(session, invoiceId, 'Paid')
    expect(paid.payments).toHaveLength(1)
    const charges = chargesFor(product(), paid)
    expect(charges.map(({ amount }) => String(amount))).toEqual([paid.total.amountMinor])
    await expectBooksToHold(product(), await scopeOf(product(), session))
  })

  test('STR-80: a card that needs 3-D Secure waits for the renter, the link opens the challenge, and passing it pays', async () => {
    const { session, set } = await ready(product())
    await saveCard(session, product(), set.renterId, '4000002760003184')
    await cardOnFile(session, set.renterId)
    const { invoiceId } = await checkOut(session, set)
    const waiting = await labelled(session, invoiceId, 'Payment Pending')
    const asked = await eventually(
      () => invoiceOf(session, invoiceId),
      (invoice) => invoice.can.authenticate.allowed,
    )
    expect(asked.label).toMatchObject({ text: 'Payment Pending', detail: 'action needed' })
    expect(waiting.balance.amountMinor).toBe('31000')
    const renter = await session.good('GET', `/renters/${set.renterId}`)
    const [mail] = await eventually(
      () => mailsTo(product(), renter.email),
      (mails) => mails.length > 0,
    )
    expect(mail!.subject).toMatch(/Confirm your payment/)
    const token = /\/pay\/([A-Za-z0-9_-]{43})/.exec(mail!.text)![1]!
    expect((await session.good('GET', `/api/v1/pay/${token}`)).state).toBe('action_required')

    const { url } = await session.good('POST', `/api/v1/pay/${token}/authenticate`)
    const challenge = new URL(url).pathname.split('/').at(-1)!
    const again = await session.good('POST', `/api/v1/pay/${token}/authenticate`)
    expect(again.url).toBe(url)
    product().sandbox.stripe.finishChallenge({ token: challenge, outcome: 'complete' })

    await labelled(session, invoiceId, 'Paid')
    expect((await session.good('GET', `/api/v1/pay/${token}`)).state).toBe('paid')
    await expectBooksToHold(product(), await scopeOf(product(), session))
  })

  test('STR-122: a challenge that is abandoned leaves the invoice open and nothing charged; giving it up frees it for another way', async () => {
    const { session, set } = await ready(product(), { manual: true })
    await saveCard(session, product(), set.renterId, '4000002760003184')
    await cardOnFile(session, set.renterId)
    const { invoiceId } = await checkOut(session, set)
    await eventually(
      () => invoiceOf(session, invoiceId),
      (invoice) => invoice.can.authenticate.allowed,
    )
    await session.good('POST', `/invoices/${invoiceId}/authenticate`)

    const open = await invoiceOf(session, invoiceId)
    expect(open).toMatchObject({ status: 'open', balance: { amountMinor: '31000' } })
    await session.good('POST', `/invoices/${invoiceId}/cancel-payment`)
    await session.good('POST', `/invoices/${invoiceId}/record-payment`, {
      requestKey: requestKey(),
      amount: '310.00',
      method: 'cash',
      reference: '',
      receivedOn: await today(session),
    })
    await labelled(session, invoiceId, 'Paid')
    await expectBooksToHold(product(), await scopeOf(product(), session))
  })

  test('STR-123: two tabs paying one invoice make one charge; the second is told that a payment is on its way', async () => {
    const { session, set } = await ready(product())
    const { invoiceId } = await (async () => {
      await session.good('PUT', `/renters/${set.renterId}`, {
        ...(await editable(session, set.renterId)),
        manualPaymentsAllowed: true,
      })
      return checkOut(session, set)
    })()
    await saveCard(session, product(), set.renterId)
    await cardOnFile(session, set.renterId)
    const both = await Promise.all(
      [1, 2].map(() =>
        session.call('POST', `/api/v1/w/${session.slug}/invoices/${invoiceId}/take-payment?mode=test`, {
          requestKey: requestKey(),
        }),
      ),
    )
    for (const reply of both.filter(({ status }) => status >= 400))
      expect(['payment_running', 'invoice_not_open']).toContain(reply.body.code)
    const paid = await labelled(session, invoiceId, 'Paid')
    expect(paid.payments.filter(({ state }: any) => state === 'succeeded')).toHaveLength(1)
    await expectBooksToHold(product(), await scopeOf(product(), session))
  })

  test('TRU-1: another operator gets 404 for every foreign id, and a visitor without a session gets nothing', async () => {
    const { session, set } = await ready(product(), { manual: true })
    const { invoiceId } = await checkOut(session, set)
    const stranger = await signUp(product(), 'Stranger')
    expect((await stranger.get(`/invoices/${invoiceId}`)).status).toBe(404)
    expect((await stranger.get(`/renters/${set.renterId}`)).status).toBe(404)
    const slug = session.slug
    for (const path of [
      `/api/v1/w/${slug}/invoices/${invoiceId}?mode=test`,
      `/api/v1/w/${slug}/invoices?mode=test`,
      `/api/v1/w/${slug}/connections/stripe?mode=test`,
    ]) {
      expect((await stranger.call('GET', path)).status, path).toBe(404)
      const visitor = await fetch(`${product().origin}${path}`)
      expect(visitor.status, path).toBe(401)
      expect(await visitor.text()).not.toContain('TEST-INV')
    }
    const before = await inScope(product().ground.database, await scopeOf(product(), session), (rows) =>
      rows.selectFrom('app.invoices').selectAll().where('operator_id', '=', rows.scope.operatorId).execute(),
    )
    expect(
      (await stranger.call('POST', `/api/v1/w/${slug}/invoices/${invoiceId}/void?mode=test`, { reason: 'x' })).status,
    ).toBe(404)
    expect(
      await inScope(product().ground.database, await scopeOf(product(), session), (rows) =>
        rows.selectFrom('app.invoices').selectAll().where('operator_id', '=', rows.scope.operatorId).execute(),
      ),
    ).toEqual(before)
  })

  test('STR-77 STR-121: an answer lost after the charge is found again; one charge, and the invoice reads Paid', async () => {
    const { session, set } = await ready(product(), { webhook: false })
    await saveCard(session, product(), set.renterId)
    await product().ground.jobs.shift(20_000)
    await cardOnFile(session, set.renterId)
    await fetch(`${product().sandbox.url}/_sandbox/faults`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        where: 'api',
        match: { method: 'POST', path: '/v1/payment_intents/pi_[^/]+/confirm$' },
        effect: 'drop_after',
        times: 3,
      }),
    })
    const { invoiceId } = await checkOut(session, set)
    const paid = await labelled(session, invoiceId, 'Paid', 30_000)
    expect(paid.payments).toHaveLength(1)
    const pi = paid.payments[0].stripeIds.find((id: string) => id.startsWith('pi_'))
    const charges = product().sandbox.stripe.listObjects(sandboxKeys(product()).accountId, 'test', 'charge') as {
      payment_intent: string
      status: string
    }[]
    expect(charges.filter((charge) => charge.payment_intent === pi && charge.status === 'succeeded')).toHaveLength(1)
    await expectBooksToHold(product(), await scopeOf(product(), session))
  })

  async function editable(session: Session, renterId: string) {
    const { kind, name, businessName, email, phone, billingAddress, taxNumber, manualPaymentsAllowed, version } =
      await session.good('GET', `/renters/${renterId}`)
    return { kind, name, businessName, email, phone, billingAddress, taxNumber, manualPaymentsAllowed, version }
  }
})
