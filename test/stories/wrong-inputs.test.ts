/**
 * What people type and press by mistake where agreements, leases and money are concerned, each with the exact sentence they read and with
 * proof that nothing changed (must show 7 of the first issue, STR-123 to STR-129, UI-59).
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { eachProduct, eventually, expectBooksToHold, requestKey, type Product, type Session } from '#test/product'
import { expectUnchanged, operatorIdOf, untilAtRest } from './fingerprints.ts'
import {
  addFunds,
  cardOnFile,
  checkOut,
  connectStripe,
  furnish,
  invoiceOf,
  labelled,
  saveCard,
  signUp,
  today,
  type Set,
} from './walk.ts'

type Said = {
  readonly status: number
  readonly code?: string
  readonly title: string
  readonly detail: string
  readonly nextStep: string
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[]
}

eachProduct('wrong inputs', (product) => {
  let session: Session
  let operatorId: string
  let started: string

  beforeAll(async () => {
    session = await signUp(product())
    await connectStripe(session, product())
    await addFunds(product())
    started = await today(session)
    operatorId = await operatorIdOf(product(), session)
  })

  /** Refused with exactly these words, and not one row of the operator changed. */
  async function expectRefused(path: string, body: object, said: Said): Promise<void> {
    const reply = await expectUnchanged(product(), operatorId, () => session.refused('POST', path, body))
    const { type: _type, requestId: _requestId, code, errors, ...words } = reply.body
    const shown = { ...words, ...(said.code !== undefined && { code }), ...(said.errors && { errors }) }
    expect(shown, `${path} ${JSON.stringify(body)}`).toEqual(said)
  }

  async function withCard(number?: string): Promise<Set> {
    const set = await furnish(session)
    await saveCard(session, product(), set.renterId, number)
    await cardOnFile(session, set.renterId)
    return set
  }

  const methodOf = async ({ renterId }: Set) => (await session.good('GET', `/renters/${renterId}`)).methods[0].id
  const wishFor = (set: Set) => ({
    spaceId: set.spaceId,
    renterId: set.renterId,
    interval: 'month',
    startOn: started,
    deposit: 'standard',
  })
  const hashFor = async (wish: object) => (await session.good('POST', '/check-out/preview', wish)).previewHash
  const quiet = () => untilAtRest(product(), session, operatorId)
  const holds = () => expectBooksToHold(product(), { operatorId, mode: 'test' })

  describe('agreements', () => {
    test('an empty text, no title, and a field nobody knows', async () => {
      await expectRefused(
        '/agreements',
        { title: 'Terms', content: ' \n ' },
        {
          status: 422,
          code: 'agreement_empty',
          title: 'Agreement text missing',
          detail: 'An empty agreement cannot be published, because renters accept its text.',
          nextStep: 'Enter the text of the agreement.',
        },
      )
      await expectRefused(
        '/agreements',
        { title: ' ', content: 'You rent.' },
        {
          status: 422,
          title: 'Title missing',
          detail: 'An agreement has a title of 1 to 120 characters.',
          nextStep: 'Enter the title.',
        },
      )
      await expectRefused(
        '/agreements',
        { title: 'Terms', content: 'Dear {{renter.nmae}}' },
        {
          status: 422,
          code: 'agreement_field_unknown',
          title: 'Unknown field in the text',
          detail: 'The text names {{renter.nmae}}, which is not a field of an agreement.',
          nextStep: 'Use a field from the list, or remove it.',
        },
      )
      const { versions } = await session.good('GET', '/agreements')
      expect(versions).toEqual([])
    })

    test('a check-out before any agreement was published', async () => {
      const other = await signUp(product())
      await other.good('POST', '/categories', {
        code: 'DESK',
        name: 'Desk',
        priceBasis: 'period_price',
        periodPrices: { month: '100.00' },
        deposit: '0',
      })
      const { rows: categories } = await other.good('GET', '/categories')
      const { rows } = await other.good('POST', '/spaces', { categoryId: categories[0].id })
      const renter = await other.good('POST', '/renters', { kind: 'person', name: 'Kim', manualPaymentsAllowed: true })
      const wish = {
        ...wishFor({ categoryId: '', spaceId: rows[0].id, renterId: renter.id }),
        startOn: await today(other),
      }
      const reply = await other.refused('POST', '/check-out', {
        ...wish,
        requestKey: requestKey(),
        acceptance: { name: 'Kim' },
        previewHash: (await other.good('POST', '/check-out/preview', wish)).previewHash,
      })
      expect(reply.body).toMatchObject({
        status: 409,
        code: 'agreement_missing',
        title: 'No agreement published',
        detail: 'A renter accepts an agreement before a space is checked out, and none is in force today.',
        nextStep: 'Publish an agreement under Settings, Agreements.',
      })
    })
  })

  describe('checking out', () => {
    test('a start in the past, on no day at all, or too far ahead', async () => {
      const set = await furnish(session, { manual: true })
      const past: Said = {
        status: 422,
        code: 'start_in_past',
        title: 'Start date in the past',
        detail: 'Start date must be today or later.',
        nextStep: 'Choose today or a later date.',
        errors: [{ pointer: '/startOn', detail: 'Start date must be today or later.' }],
      }
      for (const startOn of ['2020-01-01', '2026-02-30', ''])
        await expectRefused('/check-out/preview', { ...wishFor(set), startOn }, past)
      await expectRefused('/check-out', { ...(await formFor(set)), startOn: '2020-01-01' }, past)
      await expectRefused(
        '/check-out/preview',
        { ...wishFor(set), startOn: '2099-01-01' },
        {
          status: 422,
          title: 'Start date too far ahead',
          detail: 'A lease starts within 365 days.',
          nextStep: 'Choose an earlier date.',
        },
      )
    })

    test('L9 BIL-8: no card and no manual payments; nobody accepted; a summary that is not the present one', async () => {
      const withoutCard = await furnish(session)
      await expectRefused('/check-out', await formFor(withoutCard), {
        status: 409,
        code: 'payment_method_required',
        title: 'Payment method required',
        detail: 'This renter has no saved card that can be charged, and manual payments are not allowed.',
        nextStep: 'Add a card, or allow manual payments for this renter.',
        errors: [
          {
            pointer: '/renterId',
            detail: 'This renter has no saved card that can be charged, and manual payments are not allowed.',
          },
        ],
      })
      const set = await furnish(session, { manual: true })
      await expectRefused(
        '/check-out',
        { ...(await formFor(set)), acceptance: { name: '  ' } },
        {
          status: 422,
          code: 'acceptance_missing',
          title: 'Contract acceptance required',
          detail: 'The renter accepts the agreement by typing their name.',
          nextStep: 'Let the renter type their name under the agreement.',
        },
      )
      await expectRefused(
        '/check-out',
        { ...(await formFor(set)), previewHash: '0'.repeat(64) },
        {
          status: 409,
          code: 'preview_changed',
          title: 'Changed since you looked',
          detail: 'Prices, dates or the agreement changed after the summary was shown, so nothing was done.',
          nextStep: 'Read the new summary and confirm again.',
        },
      )
    })

    test('an interval, a deposit and a price nobody can read', async () => {
      const set = await furnish(session, { manual: true })
      const unreadable: Said = {
        status: 422,
        code: 'amount_unreadable',
        title: 'Enter an amount',
        detail: 'This is not an amount of 0 or more in the currency of the location.',
        nextStep: 'Enter digits with a point, such as 120.00.',
      }
      for (const custom of ['-5', 'abc', '1.005', '1e3', '１００'])
        await expectRefused('/check-out/preview', { ...wishFor(set), deposit: { custom } }, unreadable)
      const price = { price: '-1', reason: 'Friend' }
      await expectRefused('/check-out/preview', { ...wishFor(set), rateOverride: price }, unreadable)
      await expectRefused(
        '/check-out/preview',
        { ...wishFor(set), rateOverride: { price: '90', reason: ' ' } },
        {
          status: 422,
          title: 'Reason missing',
          detail: 'A price other than the listed one needs a reason.',
          nextStep: 'Enter the reason.',
        },
      )
      await expectRefused(
        '/check-out/preview',
        { ...wishFor(set), interval: 'fortnight' },
        {
          status: 422,
          title: 'Choose an interval',
          detail: 'The category of this space has no price for this interval.',
          nextStep: 'Choose an interval from the list.',
        },
      )
    })

    test('TRU-162: five people take one space at once: one gets it, the others keep their words and read its number', async () => {
      const set = await furnish(session, { manual: true })
      const forms = await Promise.all(Array.from({ length: 5 }, () => formFor(set)))
      const replies = await Promise.all(forms.map((form) => session.call('POST', own('/check-out'), form)))
      const { number } = await session.good('GET', `/spaces/${set.spaceId}`)
      expect(replies.filter(({ status }) => status === 201)).toHaveLength(1)
      for (const reply of replies.filter(({ status }) => status !== 201))
        expect(reply.body).toMatchObject({
          status: 409,
          code: 'space_taken',
          title: 'This space was just taken',
          detail: `${number} was just taken. Your entries are kept; pick another space.`,
          nextStep: 'Pick another space.',
          errors: [{ pointer: '/spaceId' }],
        })
      const { rows } = await session.good('GET', `/leases?renter=${set.renterId}`)
      expect(rows).toHaveLength(1)
      await expectRefused('/check-out/preview', wishFor(set), {
        status: 409,
        title: 'This space is not available',
        detail: `${number} is checked out.`,
        nextStep: 'Choose a later start or another space.',
      })
      await holds()
    })

    test('UI-36: one form sent five times at once is one lease with one invoice', async () => {
      const set = await furnish(session, { manual: true })
      const form = await formFor(set)
      const replies = await Promise.all(Array.from({ length: 5 }, () => session.call('POST', own('/check-out'), form)))
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]))
      expect(new Set(replies.map(({ body }) => `${body.leaseId} ${body.invoiceId}`)).size).toBe(1)
      expect((await session.good('GET', `/invoices?renter=${set.renterId}`)).rows).toHaveLength(1)
      await expectRefused(
        '/check-out',
        { ...form, requestKey: 'again' },
        {
          status: 422,
          title: 'There is a problem',
          detail: 'Some of the fields cannot be used as they are.',
          nextStep: 'Correct the fields named below and send again.',
          errors: [{ pointer: '/requestKey', detail: 'The form has lost its key. Reload the page.' }],
        },
      )
      await holds()
    })
  })

  describe('money', () => {
    const unreadable = (detail: string): Said => ({
      status: 422,
      code: 'input_refused',
      title: 'There is a problem',
      detail,
      nextStep: 'Correct the fields named below and send again.',
      errors: [{ pointer: '/amount', detail }],
    })
    const inAud = 'Enter the amount in AUD, with no more decimals than the currency has.'

    test('STR-126 STR-129: refunds of nothing, of less than nothing, of half a cent, of more than was paid, and two of 60 % at once', async () => {
      const { invoiceId } = await checkOut(session, await withCard())
      const { payments } = await labelled(session, invoiceId, 'Paid')
      await quiet()
      const path = `/invoices/${invoiceId}/refund`
      const wish = { paymentId: payments[0].id, reason: 'Desk was not ready' }
      const refund = (amount: string) => ({ ...wish, requestKey: requestKey(), amount })
      const tooMuch = 'Refund must be $310.00 or less. That is what is left of this payment.'
      await expectRefused(path, refund('310.01'), {
        status: 422,
        code: 'refund_exceeds_captured',
        title: 'Refund larger than the payment',
        detail: tooMuch,
        nextStep: 'Enter a smaller amount.',
        errors: [{ pointer: '/amount', detail: tooMuch }],
      })
      for (const amount of ['0', '0.00', '-1'])
        await expectRefused(path, refund(amount), {
          status: 422,
          code: 'amount_not_positive',
          title: 'The amount cannot be refunded',
          detail: 'Enter an amount above zero with the decimals of the currency.',
          nextStep: 'Correct the amount.',
        })
      for (const amount of ['1.001', 'abc', '1e2', '1,00', '9'.repeat(20), '$5'])
        await expectRefused(path, refund(amount), unreadable(inAud))
      await expectRefused(
        path,
        { ...refund('1'), reason: ' ' },
        {
          status: 422,
          title: 'There is a problem',
          detail: 'Some of the fields cannot be used as they are.',
          nextStep: 'Correct the fields named below and send again.',
          errors: [{ pointer: '/reason', detail: 'Enter a reason.' }],
        },
      )
      const both = await Promise.all([1, 2].map(() => session.call('POST', own(path), refund('186.00'))))
      expect(both.map(({ status }) => status).toSorted()).toEqual([200, 422])
      expect(both.find(({ status }) => status === 422)!.body).toMatchObject({
        detail: 'Refund must be $124.00 or less. That is what is left of this payment.',
      })
      await eventually(
        () => invoiceOf(session, invoiceId),
        ({ refunds }) => refunds.length === 1 && refunds[0].state === 'succeeded',
      )
      await holds()
    })

    test('STR-123 UI-36: a double click charges once, and a second tab reads that a payment is on its way', async () => {
      const set = await withCard('4000000000000341')
      const { invoiceId } = await checkOut(session, set)
      const failed = await labelled(session, invoiceId, 'Payment Failed')
      await quiet()
      await slowConfirmations(product())
      const path = `/invoices/${invoiceId}/take-payment`
      const form = { requestKey: requestKey() }
      const clicks = await Promise.all(Array.from({ length: 4 }, () => session.call('POST', own(path), form)))
      expect(clicks.map(({ status }) => status)).toEqual([200, 200, 200, 200])
      expect((await session.refused('POST', path, { requestKey: requestKey() })).body).toMatchObject({
        status: 409,
        code: 'payment_running',
        title: 'A payment is already on its way',
        detail: 'Another payment of this invoice is running. A second one could charge twice.',
        nextStep: 'Wait for the first to finish, or cancel it on the invoice.',
      })
      const again = await labelled(session, invoiceId, 'Payment Failed')
      const failures = ({ timeline }: any) => timeline.filter(({ title }: any) => title === 'Payment failed').length
      expect(again.payments).toHaveLength(1)
      expect(failures(again) - failures(failed)).toBe(1)
      await holds()
    })

    test('STR-127: a card of another renter, and one that does not exist, charge nothing', async () => {
      const theirs = await methodOf(await withCard())
      const { invoiceId } = await checkOut(session, await furnish(session, { manual: true }))
      await quiet()
      const path = `/invoices/${invoiceId}/take-payment`
      const noCard: Said = {
        status: 409,
        code: 'no_method',
        title: 'No card on file',
        detail: 'The renter has no usable saved method on the connected Stripe account.',
        nextStep: 'Add a card for the renter, or record a payment by hand.',
      }
      await expectRefused(path, { requestKey: requestKey(), methodId: theirs }, noCard)
      await expectRefused(path, { requestKey: requestKey() }, noCard)
      await expectRefused(
        path,
        { requestKey: requestKey(), methodId: `met_${'0'.repeat(32)}` },
        {
          status: 404,
          code: 'not_found',
          title: 'Not found',
          detail: 'There is not a saved card with this address here.',
          nextStep: 'Check the address, or go back to the list.',
        },
      )
    })

    test('STR-124: a paid and a voided invoice take no payment, and neither can be voided again', async () => {
      const { invoiceId: paid } = await checkOut(session, await withCard())
      await labelled(session, paid, 'Paid')
      const { invoiceId: voided } = await checkOut(session, await furnish(session, { manual: true }))
      await session.good('POST', `/invoices/${voided}/void`, { reason: 'Wrong space' })
      await quiet()
      const closed: Said = {
        status: 409,
        code: 'invoice_not_open',
        title: 'This invoice takes no payment',
        detail: 'Only an issued invoice with a balance can be paid.',
        nextStep: 'Open the invoice and look at its status.',
      }
      const cash = { amount: '1.00', method: 'cash', reference: '', receivedOn: started }
      for (const invoiceId of [paid, voided]) {
        await expectRefused(`/invoices/${invoiceId}/take-payment`, { requestKey: requestKey() }, closed)
        await expectRefused(`/invoices/${invoiceId}/record-payment`, { ...cash, requestKey: requestKey() }, closed)
      }
      await expectRefused(
        `/invoices/${paid}/void`,
        { reason: 'Never mind' },
        {
          status: 409,
          code: 'void_has_payments',
          title: 'This invoice has payments',
          detail: 'Money or credit is on it. Void is only for invoices without payments.',
          nextStep: 'Refund the payment, or use a credit note.',
        },
      )
      await expectRefused(
        `/invoices/${voided}/void`,
        { reason: 'Again' },
        {
          status: 409,
          code: 'void_not_open',
          title: 'Only an open invoice can be voided',
          detail: 'This invoice is not open any more.',
          nextStep: 'Issue a credit note for an invoice that was paid.',
        },
      )
      await expectRefused(
        `/invoices/${paid}/cancel-payment`,
        {},
        {
          status: 404,
          title: 'Not found',
          detail: 'No payment of this invoice waits for the renter.',
          nextStep: 'Open the invoice to see where it stands.',
        },
      )
      await expectRefused(
        `/invoices/${paid}/authenticate`,
        {},
        {
          status: 409,
          title: 'Nothing waits for the renter',
          detail: 'This payment does not ask the renter to act.',
          nextStep: 'Open the invoice to see where it stands.',
        },
      )
      await holds()
    })

    test('BIL-67: cash of no amount, from the future, for a renter who may not, and given back by card', async () => {
      const { invoiceId } = await checkOut(session, await furnish(session, { manual: true }))
      await quiet()
      const path = `/invoices/${invoiceId}/record-payment`
      const cash = { amount: '10.00', method: 'cash', reference: '', receivedOn: started }
      for (const amount of ['0', '-5'])
        await expectRefused(
          path,
          { ...cash, requestKey: requestKey(), amount },
          {
            status: 422,
            title: 'The amount cannot be recorded',
            detail: 'Enter an amount above zero with the decimals of the currency.',
            nextStep: 'Correct the amount.',
          },
        )
      for (const amount of ['10.001', 'ten', '1,00', '１０'])
        await expectRefused(path, { ...cash, requestKey: requestKey(), amount }, unreadable(inAud))
      await expectRefused(
        path,
        { ...cash, requestKey: requestKey(), receivedOn: '2099-01-01' },
        {
          status: 422,
          title: 'The date is in the future',
          detail: 'A payment can be recorded once it was received, so the date must be today or earlier.',
          nextStep: 'Correct the received date.',
        },
      )
      await session.good('POST', path, { ...cash, requestKey: requestKey() })
      await quiet()
      const { payments } = await invoiceOf(session, invoiceId)
      await expectRefused(
        `/invoices/${invoiceId}/refund`,
        { requestKey: requestKey(), paymentId: payments[0].id, amount: '5.00', reason: 'Too warm' },
        {
          status: 409,
          code: 'not_refundable_here',
          title: 'This payment was not made by card',
          detail: 'Money received by hand is given back by hand.',
          nextStep: 'Pay it back outside Rentroll.',
        },
      )
      const set = await withCard('4000000000000341')
      const { invoiceId: byCard } = await checkOut(session, set)
      await labelled(session, byCard, 'Payment Failed')
      await quiet()
      await expectRefused(
        `/invoices/${byCard}/record-payment`,
        { ...cash, requestKey: requestKey() },
        {
          status: 409,
          code: 'manual_not_allowed',
          title: 'Manual payments are not allowed for this renter',
          detail: 'Allow cash and cheque for this renter first.',
          nextStep: 'Open the renter and allow manual payments.',
        },
      )
      await holds()
    })

    test('STR-122: while the renter has to confirm, the invoice takes no other money and cannot be voided', async () => {
      const set = await withCard('4000002760003184')
      await session.good('PUT', `/renters/${set.renterId}`, await allowingCash(session, set.renterId))
      const { invoiceId } = await checkOut(session, set)
      await eventually(
        () => invoiceOf(session, invoiceId),
        ({ can }) => can.authenticate.allowed,
      )
      await quiet()
      const before = await invoiceOf(session, invoiceId)
      const running = {
        status: 409,
        code: 'payment_running',
        title: 'A payment is already on its way',
        detail: 'Another payment of this invoice is running. A second one could charge twice.',
        nextStep: 'Wait for the first to finish, or cancel it on the invoice.',
      }
      const cash = { amount: '310.00', method: 'cash', reference: '', receivedOn: started }
      const refusalOf = async (deed: string, body: object) =>
        (await session.refused('POST', `/invoices/${invoiceId}/${deed}`, body)).body
      expect(await refusalOf('take-payment', { requestKey: requestKey() })).toMatchObject(running)
      expect(await refusalOf('record-payment', { ...cash, requestKey: requestKey() })).toMatchObject(running)
      expect(await refusalOf('void', { reason: 'Changed their mind' })).toMatchObject({
        status: 409,
        code: 'void_payment_running',
        title: 'A payment is running',
        detail: 'A payment of this invoice is on its way, and it may still succeed.',
        nextStep: 'Wait until it is final, or cancel it, then void the invoice.',
      })
      const leaving = await session.refused('POST', '/connections/stripe/disconnect', { word: 'disconnect' })
      expect(leaving.body).toMatchObject({
        status: 409,
        code: 'still_pending',
        title: 'Payments are still under way',
        nextStep: 'Wait until they are finished, or cancel them, then disconnect.',
      })
      expect((await session.good('GET', '/connections/stripe')).state).toBe('connected')
      expect(await invoiceOf(session, invoiceId)).toEqual(before)
      await holds()
    })
  })

  async function formFor(set: Set) {
    const wish = wishFor(set)
    return { ...wish, requestKey: requestKey(), acceptance: { name: 'Kim Park' }, previewHash: await hashFor(wish) }
  }

  const own = (path: string) => `/api/v1/w/${session.slug}${path}?mode=test`
})

/** The next confirmation takes its time, so that a second person meets a payment that runs. */
async function slowConfirmations({ sandbox }: Product): Promise<void> {
  const match = { method: 'POST', path: '/v1/payment_intents/pi_[^/]+/confirm$' }
  const reply = await fetch(`${sandbox.url}/_sandbox/faults`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ where: 'api', match, effect: { kind: 'delay', ms: 1_500, when: 'before' }, times: 1 }),
  })
  expect(reply.status, await reply.text()).toBe(201)
}

async function allowingCash(session: Session, renterId: string) {
  const { kind, name, email, version } = await session.good('GET', `/renters/${renterId}`)
  return { kind, name, email, version, manualPaymentsAllowed: true }
}
