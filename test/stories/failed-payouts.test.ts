/**
 * "Scheduled payout failed" from end to end (STR-107, UI-160, SBX-92): provoked at the sandbox, found within a minute of the turned clock,
 * told once with its cause, cured by its remedy, and gone by itself. Once on the side of the bank, and once on the side of the funds under a
 * manual schedule, where Rentroll itself sends the money again, once. A connected account has its own story beside the others of Connect.
 */
import { beforeAll, expect, test } from 'vitest'
import { watchAll } from '#diagnosis'
import { eachProduct, eventually } from '#test/product'
import { control, openLane, provoke, type Lane } from './faulty.ts'
import { mailsTo } from './walk.ts'

const title = 'Scheduled payout failed'
const dayMs = 86_400_000

eachProduct('failed payouts', (product) => {
  let lane: Lane
  beforeAll(async () => {
    lane = await openLane(product(), 'Harbour Payouts')
  })

  const checkOf = async () => {
    await watchAll(product().ground)
    const { checks, cleared } = await lane.session.good('GET', '/diagnosis')
    return { ...checks.find((check: any) => check.title === title), cleared }
  }
  const labels = ({ remedies }: any) => remedies.map(({ label }: any) => label)
  const payouts = async () => (await lane.session.good('GET', '/payouts')).rows
  const atStripe = (): any[] => product().sandbox.stripe.listObjects(lane.account, 'test', 'payout') as any[]
  const mails = async () =>
    (await mailsTo(product(), `owner@${lane.session.slug}.example`)).filter(({ subject }) => subject.startsWith(title))
  const stripe = async (path: string, form: Record<string, string>): Promise<any> => {
    const reply = await fetch(`${product().sandbox.url}/v1${path}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${lane.secretKey}` },
      body: new URLSearchParams(form),
    })
    expect(reply.status).toBe(200)
    return reply.json()
  }

  /** Time passes in hours, as the sandbox's own clock turns it, until it is so. */
  async function turnUntil(isSo: () => Promise<boolean> | boolean, mostDays = 6): Promise<void> {
    for (let hours = 0; hours < mostDays * 24; hours += 6) {
      if (await isSo()) return
      await control(product(), 'POST', '/clock', { advance: 'PT6H' })
    }
    expect(await isSo()).toBe(true)
  }

  test('STR-107 bank side: found with its words, told once, cured by another bank account, and the next payout is paid', async () => {
    await eventually(checkOf, ({ state }) => state === 'ok')
    await control(product(), 'POST', '/troubles/payout_failed', {
      account: lane.account,
      mode: 'test',
      variant: 'account_closed',
    })
    await turnUntil(() => atStripe().some(({ status }) => status === 'failed'))

    // Without any time passing.
    product().clock.standAt(product().clock.now())
    const check = await eventually(checkOf, ({ state }) => state === 'found')
    product().clock.flow()

    expect(check).toMatchObject({
      cause: 'account_closed',
      text: expect.stringContaining('the account is closed'),
      since: expect.any(String),
    })
    expect(labels(check)).toEqual(['Update bank details', 'Check again', 'See next attempt'])
    expect(check.remedies[0].link.href).toBe(`${product().sandbox.url}/dashboard/${lane.account}`)
    const facts = Object.fromEntries(check.evidence.map(({ label, value }: any) => [label, value]))
    expect(facts).toMatchObject({ Code: 'account_closed', 'Whose side': 'the bank' })
    expect(facts['Payout']).toMatch(/^A?\$[\d,]+\.\d\d to .+••1113$/)
    expect(facts['What happens next']).toContain('Stripe pays out no AUD to this bank account')
    const [failed] = await payouts()
    const page = await lane.session.good('GET', `/payouts/${failed.id}`)
    expect(page).toMatchObject({ state: 'failed', failure: { side: 'bank', retry: { allowed: false } } })
    const refused = await lane.session.refused('POST', `/payouts/${failed.id}/retry`)
    expect(refused.body).toMatchObject({ code: 'payout_not_ours' })
    await eventually(mails, (found) => found.length === 1)
    expect((await mails())[0]!.text).toContain('the account is closed')

    await control(product(), 'POST', '/troubles/payout_failed/human')
    await eventually(checkOf, ({ state }) => state === 'ok')
    expect((await checkOf()).cleared).toMatchObject([{ title }])
    await turnUntil(async () => (await payouts())[0].state === 'paid')
    expect(await lane.session.good('GET', `/payouts/${failed.id}`)).toMatchObject({ isTrouble: false })
    expect(await mails()).toHaveLength(1)
  })

  test('STR-107 funds side, manual: pressed twice with the answer lost, one payout is made, and it clears the trouble', async () => {
    await stripe('/balance_settings', { 'payments[payouts][schedule][interval]': 'manual' })
    await control(product(), 'POST', '/funds', {
      account: lane.account,
      mode: 'test',
      currency: 'aud',
      amountMinor: 90_000,
    })
    const { id } = await stripe('/payouts', { amount: '70000', currency: 'aud' })
    await control(product(), 'POST', `/payouts/${id}/fail`, { code: 'insufficient_funds' })
    const check = await eventually(checkOf, (seen) => labels(seen)[0] === 'Retry payout')
    expect(check).toMatchObject({ state: 'found', cause: 'insufficient_funds' })

    const { id: ours } = (await payouts()).find(({ stripeId }: any) => stripeId === id)
    const made = () => atStripe().filter(({ metadata }) => metadata.rentroll_retry !== undefined)
    const end = await provoke(lane, [
      { where: 'api', effect: 'drop_after', match: { method: 'POST', path: '/v1/payouts' }, times: 2 },
    ])
    const retry = () => lane.session.call('POST', `/api/v1/w/${lane.session.slug}/payouts/${ours}/retry?mode=test`, {})
    const pressed = await Promise.all([retry(), retry()])
    expect(pressed.map(({ status }) => status)).toEqual([200, 200])
    await eventually(
      async () => made().length,
      (count) => count > 0,
    )
    await end()
    await eventually(
      async () => {
        await product().ground.jobs.shift(60_000)
        return lane.session.good('GET', `/payouts/${ours}`)
      },
      ({ retriedAs }) => retriedAs.length === 1,
    )
    expect(made()).toMatchObject([{ amount: 70_000, metadata: { rentroll_retry: '1' } }])
    await turnUntil(async () => (await checkOf()).state === 'ok', 2)
    expect(made()).toHaveLength(1)
    expect(await lane.session.good('GET', `/payouts/${ours}`)).toMatchObject({ isTrouble: false, state: 'failed' })
    await eventually(mails, (found) => found.length === 2)
    const { rows: log } = await lane.session.good('GET', '/audit?kind=payout')
    expect(log.map(({ action }: any) => action)).toEqual(['payout.sent_again'])
    const again = await lane.session.refused('POST', '/diagnosis/retry-payout')
    expect(again.body).toMatchObject({ code: 'no_failed_payout' })
  })

  test('STR-107: a payout paid days ago comes back: the list, the page and the check say so', async () => {
    await turnUntil(async () => (await payouts()).some(({ state }: any) => state === 'paid'))
    const paid = atStripe().find(
      ({ status, arrival_date: day }) => status === 'paid' && day * 1000 > product().clock.now().getTime() - 5 * dayMs,
    )
    await control(product(), 'POST', `/payouts/${paid.id}/fail`, { code: 'declined' })
    await eventually(checkOf, ({ state }) => state === 'found')
    const row = (await lane.session.good('GET', '/payouts?state=failed&currency=AUD')).rows.find(
      ({ stripeId }: any) => stripeId === paid.id,
    )
    const page = await lane.session.good('GET', `/payouts/${row.id}`)
    expect(page).toMatchObject({ wasPaid: true, isTrouble: true })
    expect(page.timeline.map(({ title: told }: any) => told).slice(0, 2)).toEqual(['Sent back by the bank', 'Paid'])
    const first = await lane.session.good('GET', '/payouts?limit=1')
    const next = await lane.session.good('GET', `/payouts?limit=1&after=${first.next}`)
    expect(next.rows[0].id).not.toBe(first.rows[0].id)
  })
})
