/** A payout as the screens show it: what Stripe says of it, its story, and while it is a trouble what is known and done about that (UI-176). */
import { findConnection } from '#connections'
import { publicId, type Uuid } from '#kernel'
import {
  bankWords,
  explainTrouble,
  findPayout,
  isTroubled,
  listRetries,
  payoutStates,
  payoutWords,
  refusePayout,
  type Payout,
  type PayoutTrouble,
} from '#payouts'
import { listFacts, type ScopedHandle } from '#platform'
import { z } from '@hono/zod-openapi'
import { moneySchema, type ApiContext } from './context.ts'
import { can, canSchema, wire } from './invoice-schemas.ts'
import { bankPageOf, payoutPageOf } from './payouts.ts'
import { instants } from './webhook-endpoints.ts'

export const payoutRowSchema = z.strictObject({
  id: z.string(),
  stripeId: z.string(),
  arrivalOn: z.string(),
  amount: moneySchema,
  /** Stripe took it from the bank. */
  isDebit: z.boolean(),
  bank: z.string(),
  state: z.enum(payoutStates),
  stateLabel: z.string(),
  /** Failed, and nobody has seen to it. */
  isTrouble: z.boolean(),
})
const failureSchema = z.strictObject({
  code: z.string(),
  side: z.enum(['bank', 'funds', 'unknown']),
  cause: z.string(),
  nextStep: z.string(),
  /** What happens by itself. */
  next: z.string(),
  checkAt: z.string().optional(),
  retries: z.number().int(),
  /** Stripe's code of why the last retry was refused. */
  retryProblem: z.string().optional(),
  isManual: z.boolean(),
  retry: canSchema,
})
export const payoutSchema = payoutRowSchema.extend({
  createdAt: z.string(),
  isAutomatic: z.boolean(),
  method: z.string(),
  statementDescriptor: z.string().optional(),
  traceId: z.string().optional(),
  accountName: z.string(),
  stripeUrl: z.string(),
  bankUrl: z.string(),
  wasPaid: z.boolean(),
  /** While it is a trouble. */
  failure: failureSchema.optional(),
  timeline: z.array(z.strictObject({ at: z.string(), title: z.string(), detail: z.string().optional() })),
  /** Of the same money: what it was sent again as, and what it is another try of. */
  retriedAs: z.array(payoutRowSchema),
  retryOf: z.string().optional(),
})
export type PayoutView = z.infer<typeof payoutSchema>

export function rowView(payout: Payout): z.infer<typeof payoutRowSchema> {
  return {
    id: publicId('payout', payout.id),
    stripeId: payout.stripePayoutId,
    arrivalOn: payout.arrivalOn,
    amount: wire(payout),
    isDebit: payout.amountMinor < 0n,
    bank: bankWords(payout),
    state: payout.state,
    stateLabel: payoutWords(payout),
    isTrouble: isTroubled(payout),
  }
}

/** Undefined when there is no such payout. */
export async function readPayoutView(
  context: ApiContext,
  rows: ScopedHandle,
  id: Uuid,
): Promise<PayoutView | undefined> {
  const payout = await findPayout(rows, id)
  if (!payout) return undefined
  const connection = await findConnection(rows, payout.connectionId)
  const trouble = isTroubled(payout) ? await explainTrouble(rows, payout) : undefined
  const retries = (await listRetries(rows, payout.retryOf ?? id)).filter((one) => one.id !== id)
  const { statementDescriptor, traceId, retryOf, method, isAutomatic } = payout
  const accountId = connection?.accountId ?? null
  const place = { mode: rows.scope.mode, accountId }
  return {
    ...rowView(payout),
    createdAt: payout.createdAt.toISOString(),
    isAutomatic,
    method,
    ...(statementDescriptor !== '' && { statementDescriptor }),
    ...(traceId !== '' && { traceId }),
    accountName: connection?.accountName || (accountId ?? ''),
    stripeUrl: payoutPageOf(context, place, payout.stripePayoutId),
    bankUrl: bankPageOf(context, place),
    wasPaid: payout.paidAt !== undefined,
    ...(trouble && { failure: failureView(trouble) }),
    timeline: await readTimeline(rows, payout),
    retriedAs: retryOf === undefined ? retries.map(rowView) : [],
    ...(retryOf !== undefined && { retryOf: publicId('payout', retryOf) }),
  }
}

function failureView({ payout, side, cause, nextStep, next, isManual, retryProblem }: PayoutTrouble) {
  const { retries, retryProblem: refusedAs, checkAt, failureCode } = payout
  const reason = retryProblem && refusePayout(retryProblem).refusal.problem.cause
  return {
    code: failureCode,
    side,
    cause,
    nextStep,
    next,
    ...instants({ checkAt }),
    retries,
    ...(refusedAs !== '' && { retryProblem: refusedAs }),
    isManual,
    retry: can(reason),
  }
}

type Moment = { readonly at: Date | undefined; readonly title: string; readonly detail?: string }

const factTitles: Readonly<Record<string, string>> = { 'payout.retry_requested': 'Sent again' }
const clearedWords: Readonly<Record<NonNullable<Payout['clearedBy']>, string>> = {
  later_payout: 'A later payout is on its way or has arrived',
  bank_replaced: 'Payouts go to another bank account now',
  long_ago: 'The failure is more than 30 days old',
}

/** Newest first. */
async function readTimeline(rows: ScopedHandle, payout: Payout): Promise<PayoutView['timeline']> {
  const facts = await listFacts(rows, { payout: payout.id })
  const returned = payout.paidAt ? 'Sent back by the bank' : 'Failed'
  const code = payout.failureCode === '' ? {} : { detail: payout.failureCode }
  const moments: readonly Moment[] = [
    { at: payout.createdAt, title: payout.isAutomatic ? 'Made by the schedule' : 'Made by hand' },
    { at: payout.inTransitAt, title: 'On its way to the bank' },
    { at: payout.paidAt, title: 'Paid' },
    { at: payout.failedAt, title: returned, ...code },
    { at: payout.canceledAt, title: 'Canceled' },
    {
      at: payout.clearedAt,
      title: 'No trouble any more',
      detail: payout.clearedBy ? clearedWords[payout.clearedBy] : '',
    },
    ...facts.flatMap(({ name, recordedAt }) => {
      const title = factTitles[name]
      return title === undefined ? [] : [{ at: recordedAt, title }]
    }),
  ]
  return moments
    .flatMap(({ at, ...told }) => (at ? [{ at: at.toISOString(), ...told }] : []))
    .toSorted((one, other) => (one.at < other.at ? 1 : -1))
}
