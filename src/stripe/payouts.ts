/**
 * Payouts: money on its way to the operator's bank, or back from it. What surprises: a payout that was paid can still fail days later, its
 * amount is negative where Stripe takes a debt from the bank, and the bank stands in it only when asked for, which a narrow key may not.
 */
import type { LocalDate, PayoutId } from '#kernel'
import type { Call, FullMetadata, StripeScope, Write } from './call.ts'
import { absentWhenMissing, StripeFault } from './fault.ts'
import {
  allPages,
  amountOf,
  currencyOf,
  expandedOf,
  fieldsOf,
  flagOf,
  idOf,
  instantOf,
  listOf,
  metadataOf,
  objectOf,
  optionalText,
  present,
  sweepParameters,
  textOf,
  WrongShape,
  type CreatedWish,
  type Fields,
  type Page,
} from './shape.ts'

export type PayoutSeen = {
  readonly id: PayoutId
  /** pending, in_transit, paid, failed or canceled; an unknown word is possible. */
  readonly status: string
  /** Minor units; negative where Stripe debits the bank. */
  readonly amountMinor: bigint
  readonly currency: string
  /** Made by the schedule, and not by hand. */
  readonly isAutomatic: boolean
  /** The day it is expected at the bank, in UTC as Stripe counts. */
  readonly arrivalOn: LocalDate
  readonly createdAt: Date
  /** `standard` or `instant`. */
  readonly method: string
  readonly statementDescriptor?: string
  /** What the bank can find it by, where Stripe has it. */
  readonly traceId?: string
  /** The account at the bank, or the card; the id alone where the key may not see it. */
  readonly bank?: PayoutBank
  readonly failureCode?: string
  readonly failureMessage?: string
  /** When Stripe put the money back; absent where the key may not see that. */
  readonly returnedAt?: Date
  readonly metadata: Readonly<Record<string, string>>
}

export type PayoutBank = {
  readonly id: string
  readonly name: string
  readonly country: string
  readonly last4: string
}

export type NewPayout = Write & { readonly amountMinor: bigint; readonly currency: string }

const expand = ['destination', 'failure_balance_transaction']

export function payoutCalls(call: Call, metadata: FullMetadata) {
  return {
    /** @throws StripeFault */
    findPayout: (scope: StripeScope, id: PayoutId): Promise<PayoutSeen | undefined> =>
      absentWhenMissing(
        asFarAsShown((shown) =>
          call(scope, {
            operation: 'payouts.retrieve',
            send: (client, options) => client.payouts.retrieve(id, { expand: shown }, options),
            read: (body) => readPayout(body, scope),
          }),
        ),
      ),

    /** All made since then, newest first. @throws StripeFault */
    listPayouts: (scope: StripeScope, since: Date): Promise<readonly PayoutSeen[]> =>
      asFarAsShown((shown) =>
        allPages((startingAfter) =>
          call(scope, {
            operation: 'payouts.list',
            send: (client, options) =>
              client.payouts.list(
                {
                  limit: 100,
                  created: { gte: Math.floor(since.getTime() / 1000) },
                  expand: shown.map((path) => `data.${path}`),
                  ...(startingAfter !== undefined && { starting_after: startingAfter }),
                },
                options,
              ),
            read: (body) => listOf(body, (row) => readPayout(row, scope)),
          }),
        ),
      ),

    /**
     * To the account's bank of that currency. There is no unconfirmed step, so a lost answer is looked up by list before any repeat
     * (TRU-136). @throws StripeFault, `isOutcomeUnknown` when it may have been made
     */
    createPayout: (scope: StripeScope, wanted: NewPayout): Promise<PayoutSeen> =>
      call(scope, {
        operation: 'payouts.create',
        idempotencyKey: wanted.idempotencyKey,
        send: (client, options) =>
          client.payouts.create(
            {
              amount: payoutAmount(wanted.amountMinor),
              currency: wanted.currency.toLowerCase(),
              metadata: metadata(scope, wanted.metadata),
            },
            options,
          ),
        read: (body) => readPayout(body, scope),
      }),
  }
}

export function payoutPages(call: Call) {
  return {
    /** One page, newest first: for the search by objects when events cannot be asked (STR-72). @throws StripeFault */
    pageOfPayouts: (scope: StripeScope, wanted: CreatedWish): Promise<Page<PayoutSeen>> =>
      asFarAsShown((shown) =>
        call(scope, {
          operation: 'payouts.list',
          send: (client, options) => client.payouts.list(sweepParameters(wanted, shown), options),
          read: (body) => listOf(body, (row) => readPayout(row, scope)),
        }),
      ),
  }
}

/** With what stands behind the ids; a key that may not see that is shown the payout alone. */
async function asFarAsShown<Answer>(ask: (shown: string[]) => Promise<Answer>): Promise<Answer> {
  try {
    return await ask(expand)
  } catch (error) {
    if (error instanceof StripeFault && error.kind === 'permission') return ask([])
    throw error
  }
}

/** Stripe takes positive amounts of up to eleven digits here. */
function payoutAmount(amountMinor: bigint): number {
  if (amountMinor < 1n || amountMinor > 99_999_999_999n) throw new Error(`no payout can be over ${amountMinor}`)
  return Number(amountMinor)
}

function readPayout(body: unknown, { mode }: StripeScope): PayoutSeen {
  const fields = objectOf(body, { object: 'payout', prefix: 'po_', mode })
  const returned = expandedOf(fields, 'failure_balance_transaction')
  return present({
    id: textOf(fields, 'id') as PayoutId,
    status: textOf(fields, 'status'),
    amountMinor: amountOf(fields, 'amount'),
    currency: currencyOf(fields),
    isAutomatic: flagOf(fields, 'automatic'),
    arrivalOn: instantOf(fields, 'arrival_date').toISOString().slice(0, 10),
    createdAt: instantOf(fields, 'created'),
    method: optionalText(fields, 'method') ?? '',
    statementDescriptor: optionalText(fields, 'statement_descriptor'),
    traceId: traceIn(fields),
    bank: bankIn(fields),
    failureCode: optionalText(fields, 'failure_code'),
    failureMessage: optionalText(fields, 'failure_message'),
    returnedAt: returned && instantOf(returned, 'created'),
    metadata: metadataOf(fields),
  })
}

function traceIn(fields: Fields): string | undefined {
  const trace = expandedOf(fields, 'trace_id')
  return trace && optionalText(trace, 'value')
}

function bankIn(fields: Fields): PayoutBank | undefined {
  const id = idOf(fields, 'destination')
  if (id === undefined) return undefined
  const seen = expandedOf(fields, 'destination')
  if (!seen) return { id, name: '', country: '', last4: '' }
  const { object } = fieldsOf(seen, 'destination')
  if (object !== 'bank_account' && object !== 'card') throw new WrongShape('expected a bank account or a card')
  return {
    id,
    name: optionalText(seen, object === 'card' ? 'brand' : 'bank_name') ?? '',
    country: optionalText(seen, 'country') ?? '',
    last4: optionalText(seen, 'last4') ?? '',
  }
}
