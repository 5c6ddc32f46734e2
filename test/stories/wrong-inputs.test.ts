/**
 * What people type and press by mistake where agreements and check-outs are concerned, each with the exact sentence they read and with
 * proof that nothing changed (must show 7 of the first issue, UI-59).
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { eachProduct, requestKey } from '#test/product'
import { openDesk, type Desk, type Said } from './desk.ts'
import { furnish, signUp, today, type Set } from './walk.ts'

eachProduct('wrong inputs', (product) => {
  let desk: Desk
  beforeAll(async () => {
    desk = await openDesk(product())
  })
  const expectRefused: Desk['expectRefused'] = (path, body, said) => desk.expectRefused(path, body, said)

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
      const { versions } = await desk.session.good('GET', '/agreements')
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
        ...desk.wishFor({ categoryId: '', spaceId: rows[0].id, renterId: renter.id }),
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
      const set = await furnish(desk.session, { manual: true })
      const past: Said = {
        status: 422,
        code: 'start_in_past',
        title: 'Start date in the past',
        detail: 'Start date must be today or later.',
        nextStep: 'Choose today or a later date.',
        errors: [{ pointer: '/startOn', detail: 'Start date must be today or later.' }],
      }
      const noDay: Said = {
        status: 422,
        code: 'start_unreadable',
        title: 'This is no date',
        detail: 'There is no such day in the calendar.',
        nextStep: 'Enter year, month and day, such as 2026-03-01.',
        errors: [{ pointer: '/startOn', detail: 'There is no such day in the calendar.' }],
      }
      await expectRefused('/check-out/preview', { ...desk.wishFor(set), startOn: '2020-01-01' }, past)
      for (const startOn of ['2026-02-30', '', 'soon', '01.03.2026'])
        await expectRefused('/check-out/preview', { ...desk.wishFor(set), startOn }, noDay)
      await expectRefused('/check-out', { ...(await formFor(set)), startOn: '2020-01-01' }, past)
      await expectRefused(
        '/check-out/preview',
        { ...desk.wishFor(set), startOn: '2099-01-01' },
        {
          status: 422,
          title: 'Start date too far ahead',
          detail: 'A lease starts within 365 days.',
          nextStep: 'Choose an earlier date.',
        },
      )
    })

    test('L9 BIL-8: no card and no manual payments; nobody accepted; a summary that is not the present one', async () => {
      const withoutCard = await furnish(desk.session)
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
      const set = await furnish(desk.session, { manual: true })
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
      const set = await furnish(desk.session, { manual: true })
      const unreadable: Said = {
        status: 422,
        code: 'amount_unreadable',
        title: 'Enter an amount',
        detail: 'This is not an amount of 0 or more in the currency of the location.',
        nextStep: 'Enter digits with a point, such as 120.00.',
      }
      for (const custom of ['-5', 'abc', '1.005', '1e3', '１００'])
        await expectRefused('/check-out/preview', { ...desk.wishFor(set), deposit: { custom } }, unreadable)
      const price = { price: '-1', reason: 'Friend' }
      await expectRefused('/check-out/preview', { ...desk.wishFor(set), rateOverride: price }, unreadable)
      await expectRefused(
        '/check-out/preview',
        { ...desk.wishFor(set), rateOverride: { price: '90', reason: ' ' } },
        {
          status: 422,
          title: 'Reason missing',
          detail: 'A price other than the listed one needs a reason.',
          nextStep: 'Enter the reason.',
        },
      )
      await expectRefused(
        '/check-out/preview',
        { ...desk.wishFor(set), interval: 'fortnight' },
        {
          status: 422,
          title: 'Choose an interval',
          detail: 'The category of this space has no price for this interval.',
          nextStep: 'Choose an interval from the list.',
        },
      )
    })

    test('TRU-162: five people take one space at once: one gets it, the others keep their words and read its number', async () => {
      const set = await furnish(desk.session, { manual: true })
      const forms = await Promise.all(Array.from({ length: 5 }, () => formFor(set)))
      const replies = await Promise.all(forms.map((form) => desk.session.call('POST', own('/check-out'), form)))
      const { number } = await desk.session.good('GET', `/spaces/${set.spaceId}`)
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
      const { rows } = await desk.session.good('GET', `/leases?renter=${set.renterId}`)
      expect(rows).toHaveLength(1)
      await expectRefused('/check-out/preview', desk.wishFor(set), {
        status: 409,
        title: 'This space is not available',
        detail: `${number} is checked out.`,
        nextStep: 'Choose a later start or another space.',
      })
      await desk.holds()
    })

    test('UI-36: one form sent five times at once is one lease with one invoice', async () => {
      const set = await furnish(desk.session, { manual: true })
      const form = await formFor(set)
      const replies = await Promise.all(
        Array.from({ length: 5 }, () => desk.session.call('POST', own('/check-out'), form)),
      )
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]))
      expect(new Set(replies.map(({ body }) => `${body.leaseId} ${body.invoiceId}`)).size).toBe(1)
      expect((await desk.session.good('GET', `/invoices?renter=${set.renterId}`)).rows).toHaveLength(1)
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
      await desk.holds()
    })
  })

  async function formFor(set: Set) {
    const wish = desk.wishFor(set)
    return {
      ...wish,
      requestKey: requestKey(),
      acceptance: { name: 'Kim Park' },
      previewHash: await desk.hashFor(wish),
    }
  }

  const own = (path: string) => `/api/v1/w/${desk.session.slug}${path}?mode=test`
})
