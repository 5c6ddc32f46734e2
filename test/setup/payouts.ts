/** Operators with a sandbox account of their own whose payouts are made, failed and sent again. */
import { afterAll, beforeAll } from 'vitest'
import { connectionGroundOf, saveCredentials } from '#connections'
import { listPayoutTroubles, listPayouts, requestRetry, type Payout } from '#payouts'
import { inScope, type ScopedHandle } from '#platform'
import { lookForPayouts } from '../../src/payouts/follow-payouts.ts'
import { sendRetry } from '../../src/payouts/payout-retry.ts'
import type { TestGround } from './databases.ts'
import { openStripeSandbox, type StripeSandboxGround } from './stripe-sandbox.ts'

export type PayoutBench = Awaited<ReturnType<ReturnType<typeof payoutBench>['open']>>

/** The sandbox, on the clock of the ground, is open inside tests and hooks. */
export function payoutBench(ground: () => TestGround) {
  let sandbox: StripeSandboxGround
  beforeAll(async () => {
    sandbox = await openStripeSandbox(ground().clock)
  })
  afterAll(() => sandbox?.close())

  /** An operator with a sandbox account of its own, 1000.00 available. */
  async function open() {
    const { database, box, logs } = ground()
    const { scope } = await ground().makeOperator()
    const made: any = await sandbox.control('/accounts', { name: 'Harbour Payouts', country: 'AU', currency: 'aud' })
    const { publishable, secret } = made.keys.test
    const work = { database, box, logs, stripe: sandbox.gateway }
    const saved = await saveCredentials(connectionGroundOf({ ...work, publicUrl: 'http://127.0.0.1:1' }), {
      scope,
      actor: 'test',
      input: { publishableKey: publishable, secretKey: secret, accountId: '', webhookSecret: '' },
      countAutopayRenters: async () => 0,
    })
    if (!saved.ok) throw new Error(saved.refusal.code)
    const { connectionId } = saved.value
    await sandbox.control('/funds', { account: made.id, mode: 'test', currency: 'aud', amountMinor: 100_000 })
    const within = <Result>(rows: (handle: ScopedHandle) => Promise<Result>) => inScope(database, scope, rows)
    const ask = async (path: string, form: Record<string, string>): Promise<any> => {
      const reply = await fetch(`${sandbox.sandbox.url}/v1${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}` },
        body: new URLSearchParams(form),
      })
      const answer: any = await reply.json()
      if (!reply.ok) throw new Error(JSON.stringify(answer))
      return answer
    }
    const schedule = (interval: string) =>
      ask('/balance_settings', { 'payments[payouts][schedule][interval]': interval })
    return {
      scope,
      work,
      connectionId,
      account: made.id as string,
      within,
      schedule,
      pay: (amount: number) => ask('/payouts', { amount: String(amount), currency: 'aud' }),
      fail: (id: string, code: string) => sandbox.control(`/payouts/${id}/fail`, { code }),
      look: () => lookForPayouts(work, scope, connectionId),
      atStripe: () => sandbox.sandbox.stripe.listObjects(made.id, 'test', 'payout') as any[],
      all: () => within((rows) => listPayouts(rows, { limit: 100 })),
      troubles: () => within(listPayoutTroubles),
      retry: (payoutId: string) => requestRetry(work, scope, { payoutId, requestedBy: 'Owner' }),
      send: (rootId: string) => sendRetry(work, scope, rootId),
    }
  }
  /** A payout by hand under a manual schedule that failed for this code, known here by looking. */
  async function failedByHand(code = 'could_not_process', amount = 40_000): Promise<PayoutBench & { payout: Payout }> {
    const bench = await open()
    await bench.schedule('manual')
    const { id } = await bench.pay(amount)
    await bench.fail(id, code)
    await bench.look()
    const [payout] = await bench.all()
    return { ...bench, payout: payout! }
  }

  /** Time passes at the sandbox and here. */
  async function pass(ms: number): Promise<void> {
    ground().clock.advance(ms)
    await sandbox.sandbox.stripe.runDue()
  }

  return { sandbox: () => sandbox, open, failedByHand, pass }
}
