/** The banks answer a debit at the press of a button (SBX-44). */
import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSandbox } from '../../../index.ts'
import type { Sandbox } from '../../../index.ts'
import { debitMethod, payByDebit } from '../../../stripe/debits/bench-debits.ts'
import { Visitor } from '../visitor.ts'

let sandbox: Sandbox
let visitor: Visitor
let stripe: Stripe

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, seed: 'debit answers' })
  visitor = new Visitor(sandbox.url)
  stripe = visitor.clientOf(sandbox.keys[0]!.secret)
})
afterAll(() => sandbox.close())

async function debit(): Promise<{ page: string; charge: string; id: string }> {
  const method = await debitMethod(stripe, 'au_becs_debit', '000123456')
  const intent = await payByDebit(stripe, method, { type: 'au_becs_debit', currency: 'aud' })
  return { page: `/_sandbox/payments/${intent.id}`, charge: String(intent.latest_charge), id: intent.id }
}

describe('SBX-44: a debit that is under way', () => {
  test('succeeds today instead of in some days, and only once', async () => {
    const { page, charge, id } = await debit()

    await visitor.press(page, `sandbox-debit-${charge}`)

    expect(await stripe.paymentIntents.retrieve(id)).toMatchObject({ status: 'succeeded', amount_received: 50_000 })
    expect(await visitor.open(page)).not.toContain(`sandbox-debit-${charge}`)
  })

  test('fails as chosen, whatever the number of its account says', async () => {
    const { page, charge, id } = await debit()

    await visitor.press(page, `sandbox-debit-${charge}`, [['text:outcome', 'account_closed']])

    expect(await stripe.paymentIntents.retrieve(id)).toMatchObject({
      status: 'requires_payment_method',
      last_payment_error: { code: 'account_closed' },
    })
  })

  test('an unknown outcome, a debit that has ended, and a charge that is none are refused in words', async () => {
    const { charge } = await debit()
    const ask = async (id: string, body: object): Promise<[number, unknown]> => {
      const reply = await fetch(`${sandbox.url}/_sandbox/charges/${id}/debit`, {
        method: 'POST',
        body: JSON.stringify(body),
      })
      return [reply.status, ((await reply.json()) as { error?: unknown }).error]
    }

    expect(await ask(charge, { outcome: 'perhaps' })).toEqual([400, expect.stringContaining('one of succeeded, ')])
    expect((await ask(charge, {}))[0]).toBe(200)
    expect(await ask(charge, {})).toEqual([400, 'Only a debit that is under way can be answered.'])
    expect(await ask('ch_nope', {})).toEqual([404, 'There is no such charge.'])
  })
})
