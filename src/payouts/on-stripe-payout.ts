/**
 * The reaction to news about a payout (STR-147, STR-152): it is read again from Stripe under the scope of the news, judged and written. The
 * same function takes in what polling, the search by objects and the answer to a retry show. What surprises: every payout of the account is
 * taken in, whoever made it (STR-67); and a failed one stops being a trouble by itself, as soon as a later one of its currency is on its way.
 */
import { bankZone, isUuid, nextBusinessMorning, type PayoutId, type Scope, type Uuid } from '#kernel'
import { getConnection, stripeScopeOf } from '#connections'
import { getCompany } from '#operators'
import { inScope, recordFact, type ScopedHandle } from '#platform'
import { StripeFault, type PayoutSeen, type Reaction, type ReactionVerdict } from '#stripe'
import { isTroubled, payoutIds, type Payout, type PayoutWork } from './payout.ts'
import { judge, stateOf, type PayoutState } from './payout-state.ts'
import {
  findPayout,
  findSuccessor,
  insertPayout,
  listTroubledPayouts,
  lockPayoutByStripeId,
  updatePayout,
} from './store.ts'

const dayMs = 86_400_000
/** A failure older than this when it is first heard of is history, and nobody's task. */
const historyMs = 30 * dayMs

/** `payout.*`: the object is the payout. */
export function onStripePayout({ database, box, stripe }: PayoutWork): Reaction<PayoutSeen | 'refused'> {
  return {
    async read(scope, connectionId, objectId) {
      const connection = await inScope(database, scope, (rows) => getConnection(rows, connectionId))
      try {
        return await stripe.findPayout(stripeScopeOf(box, connection), objectId as PayoutId)
      } catch (error) {
        if (error instanceof StripeFault && error.kind === 'permission') return 'refused'
        throw error
      }
    },
    apply: async (rows, connectionId, observed) =>
      observed === 'refused'
        ? {
            ignore:
              'The restricted key may not read payouts. Give it the permission Payouts (read) to have them followed here.',
          }
        : settlePayout(rows, { connectionId, observed }),
  }
}

type PayoutNews = { readonly connectionId: Uuid; readonly observed: PayoutSeen }

/** The only writer of what Stripe says about a payout. Being told twice, late or out of order changes nothing. */
export async function settlePayout(rows: ScopedHandle, news: PayoutNews): Promise<ReactionVerdict> {
  const { connectionId, observed } = news
  const owner = observed.metadata['rentroll_operator']
  if (owner && owner !== rows.scope.operatorId)
    return { quarantine: 'Its metadata names another operator than the account it came from.' }
  const freshId = await insertPayout(rows, await asNew(rows, news))
  const payout = await lockPayoutByStripeId(rows, { connectionId, stripePayoutId: observed.id })
  if (payout.amountMinor !== observed.amountMinor || payout.currency !== observed.currency)
    return {
      quarantine: `It is ${observed.amountMinor} ${observed.currency}, ours is ${payout.amountMinor} ${payout.currency} (minor units).`,
    }
  if (freshId) await recordFact(rows, { name: 'payout.created', ids: payoutIds(payout), actor: 'stripe' })
  await take(rows, payout, observed)
  return 'done'
}

/** As it began; what has become of it is judged right after. */
async function asNew(rows: ScopedHandle, { connectionId, observed }: PayoutNews) {
  const root = await findRoot(rows, observed)
  return {
    connectionId,
    stripePayoutId: observed.id,
    state: 'pending',
    statusWord: 'pending',
    amountMinor: observed.amountMinor,
    currency: observed.currency,
    isAutomatic: observed.isAutomatic,
    method: observed.method,
    statementDescriptor: observed.statementDescriptor ?? '',
    arrivalOn: observed.arrivalOn,
    bankId: '',
    bankName: '',
    bankCountry: '',
    bankLast4: '',
    traceId: '',
    failureCode: '',
    failureMessage: '',
    createdAt: observed.createdAt,
    retries: root?.retries ?? 0,
    ...(root && { retryOf: root.id }),
  } as const
}

/** The payout this one carries again; our own metadata says so, and is believed only about a row of ours in its currency. */
async function findRoot(rows: ScopedHandle, { metadata, currency }: PayoutSeen): Promise<Payout | undefined> {
  const named = metadata['rentroll_payout']
  const root = isUuid(named) ? await findPayout(rows, named) : undefined
  return root?.currency === currency && !root.retryOf ? root : undefined
}

async function take(rows: ScopedHandle, payout: Payout, observed: PayoutSeen): Promise<void> {
  const state = stateOf(observed.status)
  const verdict = judge(payout.state, state)
  if (verdict === 'impossible')
    throw new Error(`impossible_news: payout ${payout.id} is ${payout.state}, Stripe reports ${observed.status}`)
  if (verdict === 'late') return
  const { bank } = observed
  await updatePayout(rows, payout.id, {
    arrivalOn: observed.arrivalOn,
    statusWord: observed.status,
    seenAt: rows.clock.now(),
    // What a narrow answer leaves out stays as an earlier one had it.
    ...(bank && bank.id !== payout.bankId && { bankId: bank.id }),
    ...(bank?.last4 && { bankName: bank.name, bankCountry: bank.country, bankLast4: bank.last4 }),
    ...(observed.traceId && { traceId: observed.traceId }),
    ...(state === 'failed' && {
      failureCode: observed.failureCode ?? '',
      failureMessage: observed.failureMessage ?? '',
    }),
    ...(verdict === 'move' && { state, ...momentOf(state, observed, rows.clock.now()) }),
  })
  if (verdict === 'move')
    await follow(rows, { ...payout, state, bankCountry: bank?.country ?? payout.bankCountry }, observed)
}

/** When a state began. Stripe says it of money that came back; of an arrival the day is known, and of the rest when it was heard of. */
function momentOf(state: PayoutState, { arrivalOn, returnedAt }: PayoutSeen, now: Date) {
  const arrivedAt = new Date(`${arrivalOn}T00:00:00Z`)
  if (state === 'in_transit') return { inTransitAt: now }
  if (state === 'paid') return { paidAt: now.getTime() - arrivedAt.getTime() < dayMs ? now : arrivedAt }
  if (state === 'failed') return { failedAt: returnedAt ?? now }
  return state === 'canceled' ? { canceledAt: returnedAt ?? now } : {}
}

/** What a change of state means for others: a fact, a trouble that begins, troubles that end. */
async function follow(rows: ScopedHandle, payout: Payout, observed: PayoutSeen): Promise<void> {
  const { state, id } = payout
  if (state === 'failed') await beginTrouble(rows, payout, observed.returnedAt ?? rows.clock.now())
  if (state === 'in_transit' || state === 'paid') await endTroubles(rows, payout.connectionId)
  if (state === 'paid' || state === 'failed' || state === 'canceled')
    await recordFact(rows, {
      name: `payout.${state}`,
      ids: payoutIds({ id, connectionId: payout.connectionId }),
      actor: 'stripe',
    })
}

async function beginTrouble(rows: ScopedHandle, payout: Payout, failedAt: Date): Promise<void> {
  const now = rows.clock.now()
  const isHistory = now.getTime() - failedAt.getTime() > historyMs
  if (isHistory) return updatePayout(rows, payout.id, { clearedAt: now, clearedBy: 'long_ago' })
  await planFollowUp(rows, payout)
  // The schedule and the banks are asked at once: what is said about the failure hangs on them.
  await rows.enqueue({ name: 'payouts.look', id: payout.connectionId })
  await endTroubles(rows, payout.connectionId)
}

/** On the next business day at nine in the bank's country (STR-107). */
export async function planFollowUp(rows: ScopedHandle, payout: Pick<Payout, 'id' | 'bankCountry'>): Promise<void> {
  const checkAt = nextBusinessMorning(rows.clock.now(), bankZone(payout.bankCountry, await getCompany(rows)))
  await updatePayout(rows, payout.id, { checkAt })
  await rows.enqueue({ name: 'payouts.follow-up', id: payout.id, startAt: checkAt, onceFor: checkAt.toISOString() })
}

/** Ends each trouble of the connection after which a payout of the same currency is on its way or has arrived. */
export async function endTroubles(rows: ScopedHandle, connectionId: Uuid): Promise<void> {
  for (const failed of await listTroubledPayouts(rows, connectionId))
    if (await findSuccessor(rows, failed)) await clearTrouble(rows, failed, 'later_payout')
}

export async function clearTrouble(
  rows: ScopedHandle,
  payout: Payout,
  clearedBy: NonNullable<Payout['clearedBy']>,
): Promise<void> {
  if (!isTroubled(payout)) return
  await updatePayout(rows, payout.id, { clearedAt: rows.clock.now(), clearedBy, checkAt: null })
  await recordFact(rows, { name: 'payout.cleared', ids: payoutIds(payout) })
}

/** News about an account may be news about its bank: while a payout to it is a trouble, that is looked at, too. */
export function alsoLookAtBanks(reaction: Reaction<unknown>): Reaction<unknown> {
  return {
    read: (scope: Scope, connectionId, objectId) => reaction.read(scope, connectionId, objectId),
    async apply(rows, connectionId, observed) {
      const verdict = await reaction.apply(rows, connectionId, observed)
      const troubled = await listTroubledPayouts(rows, connectionId)
      if (troubled.length > 0) await rows.enqueue({ name: 'payouts.look', id: connectionId })
      return verdict
    },
  }
}
