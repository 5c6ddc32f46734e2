/**
 * SBX-42 with every effect of the API and of deliveries (SBX-47), one after another and lanes side by side: a check-out is paid by saved
 * card while the fault lasts, and a refund goes out where the fault meets one; when it has ended the invoice is Paid once and the books say
 * what the sandbox says.
 */
import { beforeAll, expect, test } from 'vitest'
import { eachProduct, requestKey } from '#test/product'
import {
  expectChargedOnce,
  expectSameMoney,
  listed,
  openLane,
  pasteKeys,
  payThrough,
  refundThrough,
  type FaultWish,
  type Lane,
} from './faulty.ts'
import { labelled } from './walk.ts'

type Case = {
  readonly name: string
  readonly wishes: readonly FaultWish[]
  /** The same effect meets a refund as well. */
  readonly meetsRefund?: boolean
  /** What a person has to do when the fault is over; nothing in most cases. */
  readonly humanPart?: (lane: Lane, invoiceId: string) => Promise<void>
  /** The sandbox's port is closed for every lane, so it has to be alone. */
  readonly isAlone?: boolean
}

const create = { method: 'POST', path: '^/v1/payment_intents$' }
const confirm = { method: 'POST', path: '^/v1/payment_intents/[^/]+/confirm$' }
const refund = { method: 'POST', path: '^/v1/refunds$' }

type Effect = Exclude<FaultWish['effect'], string>

/** At the create and at the confirmation of the payment, `times` each: the SDK itself repeats what was lost on the way. */
const atBoth = (effect: Effect, times = 1): readonly FaultWish[] =>
  [create, confirm].map((match) => ({ where: 'api', effect, match, times }))

const api = (effect: Effect, times = 1): Case => ({
  name: `api ${[effect.kind, ...Object.values(effect).slice(1)].map((part) => (typeof part === 'object' ? JSON.stringify(part) : part)).join(' ')}`,
  wishes: atBoth(effect, times),
  meetsRefund: true,
})

const mutate = (op: string, path: string, value?: unknown): Effect => ({ kind: 'mutate', patch: [{ op, path, value }] })

const webhook = (kind: string, settings: object = {}): Case => ({
  name: `webhook ${kind}`,
  wishes: [{ where: 'webhook', effect: { kind, ...settings } }],
})

/** Refused in so many words: the invoice says Payment Failed, nothing was charged, and a person presses Take payment. */
const takenAgain = {
  meetsRefund: false,
  humanPart: async ({ session }: Lane, invoiceId: string) => {
    await labelled(session, invoiceId, 'Payment Failed')
    await session.good('POST', `/invoices/${invoiceId}/take-payment`, { requestKey: requestKey() })
  },
} satisfies Partial<Case>

const cases: readonly Case[] = [
  ...[409, 429, 500, 503].map((status) => api({ kind: 'status_before', status })),
  ...[403, 404].map((status) => ({ ...api({ kind: 'status_before', status }), ...takenAgain })),
  { ...api({ kind: 'status_before', status: 401 }, 2), humanPart: pasteKeys, meetsRefund: false },
  { ...api({ kind: 'revoke_key' }, 3), humanPart: pasteKeys, meetsRefund: false },
  api({ kind: 'status_after', status: 500 }, 2),
  api({ kind: 'drop_before' }, 2),
  api({ kind: 'drop_after' }, 2),
  api({ kind: 'delay', ms: 300, when: 'before' }),
  api({ kind: 'delay', ms: 300, when: 'after' }),
  api({ kind: 'hang', ms: 200, when: 'before' }, 2),
  api({ kind: 'hang', ms: 200, when: 'after' }, 2),
  api({ kind: 'empty_200' }),
  { ...api({ kind: 'no_error_key', status: 404 }), ...takenAgain },
  api({ kind: 'html_502' }, 2),
  api({ kind: 'truncate', percent: 50 }),
  api(mutate('replace', '/amount', 1)),
  api(mutate('replace', '/currency', 'jpy')),
  api(mutate('replace', '/livemode', true)),
  api(mutate('replace', '/object', 'charge')),
  api(mutate('replace', '/metadata', {})),
  api(mutate('add', '/surprise', { new: [1] })),
  api({ kind: 'lock_timeout' }),
  api({ kind: 'key_in_use' }),
  {
    name: 'api forget_idempotency_keys, with the answers lost',
    wishes: [...atBoth({ kind: 'drop_after' }, 2), { where: 'api', effect: 'forget_idempotency_keys' }],
  },
  {
    name: 'api decline_next',
    wishes: [{ where: 'api', effect: { kind: 'decline_next', code: 'insufficient_funds' }, times: 1 }],
    ...takenAgain,
  },
  webhook('drop'),
  webhook('delay', { ms: 60_000 }),
  webhook('duplicate', { copies: 3 }),
  webhook('reorder', { ms: 10_000 }),
  webhook('two_events'),
  webhook('bad_signature'),
  webhook('stale', { seconds: 3600 }),
  webhook('future', { seconds: 3600 }),
  webhook('wrong_secret'),
  webhook('old_secret'),
  webhook('unknown_account'),
  webhook('wrong_livemode'),
  webhook('old_shape'),
  webhook('thin'),
  webhook('no_event'),
  webhook('outage', { hours: 1 }),
  webhook('flood', { per_second: 20, seconds: 1 }),
  {
    name: 'api refuse',
    isAlone: true,
    wishes: [{ where: 'api', effect: { kind: 'refuse', ms: 1_500 } }],
  },
]

const laneCount = 4

eachProduct('SBX-42: faults that end', (product) => {
  let lanes: readonly Lane[]
  const outcomes = new Map<string, unknown>()

  async function walk(lane: Lane, { name, wishes, meetsRefund, humanPart }: Case): Promise<void> {
    try {
      const invoice = await payThrough(lane, wishes, (invoiceId) => humanPart?.(lane, invoiceId) ?? Promise.resolve())
      expectChargedOnce(lane, invoice)
      if (meetsRefund === true) {
        const effects = wishes.filter(({ match }) => match === create).map((wish) => ({ ...wish, match: refund }))
        const after = await refundThrough(lane, invoice, effects)
        const ids = after.refunds.flatMap(({ stripeId }: any) => stripeId)
        expect(ids).toHaveLength(1)
      }
      outcomes.set(name, 'converged')
    } catch (error) {
      outcomes.set(name, error)
    }
  }

  beforeAll(async () => {
    lanes = await Promise.all(
      Array.from({ length: laneCount }, (_, number) => openLane(product(), `Lane ${number + 1}`)),
    )
    const waiting = cases.filter(({ isAlone }) => isAlone !== true)
    await Promise.all(
      lanes.map(async (lane) => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await walk(lane, next)
      }),
    )
    for (const alone of cases.filter(({ isAlone }) => isAlone === true)) await walk(lanes[0]!, alone)
  }, 600_000)

  test.each(cases)('$name: the invoice is Paid, charged once', ({ name }) => {
    const outcome = outcomes.get(name)
    if (outcome instanceof Error) throw outcome
    expect(outcome).toBe('converged')
  })

  test('nothing is lost and nothing is doubled: the books say what the sandbox says', async () => {
    for (const lane of lanes) {
      await expectSameMoney(lane)
      const refunds = listed(lane, 'refund')
      expect(refunds.every(({ amount, status }) => amount === 100 && status === 'succeeded')).toBe(true)
    }
  })
})
