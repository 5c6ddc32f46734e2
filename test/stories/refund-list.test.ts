/**
 * Billing → Refunds (UI-94): all refunds in pages, and what can be decided about each exactly where it can. One that failed is sent once
 * more as a new refund, however often it is asked for.
 */
import { beforeAll, expect, test } from 'vitest'
import { eachProduct, eventually, expectBooksToHold, requestKey } from '#test/product'
import { control, listed, openLane, provoke, renterWithCard, type Lane } from './faulty.ts'
import { checkOut, labelled } from './walk.ts'

const onlyBefore = 'Only before Stripe has it or while it needs the renter’s action.'
const heldSentence = 'Stripe still holds this refund. A second one would pay twice.'

eachProduct('the list of refunds', (product) => {
  let lane: Lane
  let invoice: any
  beforeAll(async () => {
    lane = await openLane(product(), 'Listed Desks')
    const { invoiceId } = await checkOut(lane.session, await renterWithCard(lane))
    invoice = await labelled(lane.session, invoiceId, 'Paid')
  })

  const list = async (query = '') => await lane.session.good('GET', `/refunds${query}`)
  const request = (amount: string) => {
    const body = { requestKey: requestKey(), paymentId: invoice.payments[0].id, amount, reason: 'Too warm' }
    return lane.session.good('POST', `/invoices/${invoice.id}/refund`, body)
  }
  /** The newest refund, once it stands there. */
  const newest = async (state: string) => {
    const { rows } = await eventually(list, (answer: any) => answer.rows[0]?.state === state)
    return rows[0]
  }
  const path = ({ id }: { id: string }) => `/invoices/${invoice.id}/refunds/${id}`

  test('UI-94: a refund that failed stands there with its reason, and is sent again as one new refund', async () => {
    expect(await list()).toEqual({ rows: [] })
    const effect = { kind: 'status_before', status: 403 }
    const end = await provoke(lane, [{ where: 'api', match: { method: 'POST', path: '/v1/refunds$' }, effect }])
    await request('30.00')
    const failed = await newest('failed')
    await end()
    expect(failed).toMatchObject({
      renter: { name: invoice.renter.name },
      amount: { amountMinor: '3000', currency: 'AUD' },
      invoice: { id: invoice.id, number: invoice.number },
      stateLabel: 'Failed',
      reason: 'Too warm',
      detail: expect.stringContaining('The money is owed again.'),
      can: { cancel: { allowed: false, reason: onlyBefore }, sendNow: { allowed: false }, retry: { allowed: true } },
    })

    const again = await Promise.all([1, 2].map(() => lane.session.good('POST', `${path(failed)}/retry`)))

    expect(again[0].refundId).toBe(again[1].refundId)
    const fresh = await newest('succeeded')
    expect(fresh).toMatchObject({ id: again[0].refundId, amount: { amountMinor: '3000' }, reason: 'Too warm' })
    expect(listed(lane, 'refund').map(({ amount }) => amount)).toEqual([3_000])
    const { rows } = await list()
    expect(rows[1].can.retry).toEqual({ allowed: false, reason: 'It was sent again as a new refund.' })
    const refused = await lane.session.refused('POST', `${path(fresh)}/retry`)
    expect(refused).toMatchObject({ status: 409, body: { code: 'refund_not_failed' } })
    const { rows: noted } = await lane.session.good('GET', '/audit')
    const requested = noted.filter(({ action }: any) => action === 'refund.requested')
    expect(requested.map(({ objectId }: any) => objectId)).toEqual([fresh.id, failed.id])
  })

  test('UI-94 STR-109: while it waits it can be sent or cancelled; held by Stripe neither, and no second one', async () => {
    await control(product(), 'POST', '/troubles/refund_too_large', {
      account: lane.account,
      mode: 'test',
      variant: 'pend',
    })
    await request('20.00')
    const cancelled = await newest('waiting_funds')
    expect(cancelled).toMatchObject({
      stateLabel: 'Waiting for funds',
      expectedOn: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      can: {
        cancel: { allowed: true },
        sendNow: { allowed: true },
        wait: { allowed: false },
        retry: { allowed: false },
      },
    })
    await lane.session.good('POST', path(cancelled), { decision: 'cancel' })
    expect(await newest('canceled')).toMatchObject({ can: { cancel: { reason: onlyBefore } } })

    await request('10.00')
    await lane.session.good('POST', path(await newest('waiting_funds')), { decision: 'send' })
    const held = await eventually(
      () => newest('pending'),
      ({ detail }) => detail !== undefined,
    )
    expect(held).toMatchObject({
      detail: expect.stringContaining('Stripe holds this refund'),
      can: {
        cancel: { allowed: false, reason: onlyBefore },
        sendNow: { allowed: false },
        retry: { allowed: false, reason: heldSentence },
      },
    })
    const refused = await lane.session.refused('POST', `${path(held)}/retry`)
    expect(refused).toMatchObject({ status: 409, body: { code: 'held_by_stripe' } })
  })

  test('UI-20: pages go on where the last one ended, and a state is a filter', async () => {
    const all = (await list()).rows
    const seen: any[] = []
    let next: string | undefined
    do {
      const page: any = await list(`?limit=1${next === undefined ? '' : `&after=${next}`}`)
      seen.push(...page.rows)
      next = page.next
    } while (next !== undefined)
    expect(seen).toEqual(all)
    expect(all.map(({ state }: any) => state)).toEqual(['pending', 'canceled', 'succeeded', 'failed'])
    expect((await list('?state=failed')).rows).toEqual([all[3]])
    await expectBooksToHold(product(), { operatorId: lane.operatorId, mode: 'test' })
  })
})
