/** The reactions to news about a SetupIntent and about the hosted page it is made on: a card was saved, or was not (L25, STR-147). */
import { pollPauseMs, type CheckoutSessionId, type Scope, type SetupIntentId } from '#kernel'
import { getConnection, stripeScopeOf } from '#connections'
import { inScope, recordFact, type ScopedHandle } from '#platform'
import {
  judgeDecline,
  StripeFault,
  type CheckoutSessionSeen,
  type Reaction,
  type ReactionVerdict,
  type SetupIntentSeen,
  type StripeScope,
} from '#stripe'
import type { CustomerGround } from './ensure-customer.ts'
import { saveMethod } from './save-method.ts'
import { isFinal, judgeSetup, stateOfSetupIntent } from './setup-state.ts'
import { findSetup, findSetupByIntent, findSetupBySession, lockSetup, updateSetup } from './method-store.ts'
import type { Setup } from './renter.ts'

export function onStripeSetupIntent(ground: CustomerGround): Reaction<SetupIntentSeen> {
  return {
    read: async (scope, connectionId, objectId) =>
      ground.stripe.findSetupIntent(await stripeScopeFor(ground, scope, connectionId), objectId as SetupIntentId),
    apply: (rows, connectionId, observed) => settleSetup(rows, { connectionId, observed }),
  }
}

export type SessionSeen = { readonly session: CheckoutSessionSeen; readonly setupIntent: SetupIntentSeen | undefined }

/** The hosted page: finished, it names the SetupIntent that counts; expired, the link is over and a new one can be made. */
export function onStripeSession(ground: CustomerGround): Reaction<SessionSeen> {
  return {
    async read(scope, connectionId, objectId) {
      const stripeScope = await stripeScopeFor(ground, scope, connectionId)
      const session = await ground.stripe.findCheckoutSession(stripeScope, objectId as CheckoutSessionId)
      if (!session) return undefined
      const { setupIntentId } = session
      return {
        session,
        setupIntent: setupIntentId && (await ground.stripe.findSetupIntent(stripeScope, setupIntentId)),
      }
    },
    apply: (rows, connectionId, observed) => settleSession(rows, { connectionId, observed }),
  }
}

async function settleSession(
  rows: ScopedHandle,
  { connectionId, observed }: { connectionId: string; observed: SessionSeen },
): Promise<ReactionVerdict> {
  const { session, setupIntent } = observed
  const found = await findSetupBySession(rows, { connectionId, sessionId: session.id })
  if (!found) return setupIntent ? settleSetup(rows, { connectionId, observed: setupIntent }) : 'foreign'
  if (setupIntent) {
    if (!found.setupIntentId) await updateSetup(rows, found.id, { stripe_setup_intent_id: setupIntent.id })
    const verdict = await settleSetup(rows, { connectionId, observed: setupIntent })
    if (verdict !== 'done') return verdict
  }
  const setup = (await lockSetup(rows, found.id))!
  // With its page Stripe cancels the SetupIntent too and tells both; the reason is known from the page alone.
  const isOver = setup.state === 'canceled' || judgeSetup(setup.state, 'canceled') === 'move'
  if (session.status === 'expired' && isOver)
    await updateSetup(rows, setup.id, { state: 'canceled', failure: setup.failure ?? notFinished })
  return 'done'
}

const notFinished = 'The page was not finished in time.'

async function stripeScopeFor(ground: CustomerGround, scope: Scope, connectionId: string): Promise<StripeScope> {
  return stripeScopeOf(ground.box, await inScope(ground.database, scope, (rows) => getConnection(rows, connectionId)))
}

async function settleSetup(
  rows: ScopedHandle,
  { connectionId, observed }: { connectionId: string; observed: SetupIntentSeen },
): Promise<ReactionVerdict> {
  const found = await findOurs(rows, { connectionId, observed })
  if ('verdict' in found) return found.verdict
  const setup = (await lockSetup(rows, found.setup.id))!
  if (observed.isLive !== (rows.scope.mode === 'live')) return { quarantine: 'Its mode is not the mode of this setup.' }
  if (!setup.setupIntentId) await updateSetup(rows, setup.id, { stripe_setup_intent_id: observed.id })
  const state = stateOfSetupIntent(observed)
  if (judgeSetup(setup.state, state) !== 'move') return 'done'
  const failure = state === 'failed' && observed.lastError ? judgeDecline(observed.lastError).staffSentence : null
  await updateSetup(rows, setup.id, { state, failure })
  if (state === 'failed')
    await recordFact(rows, { name: 'setup.failed', ids: { setup: setup.id, renter: setup.renterId }, actor: 'stripe' })
  if (state === 'succeeded' && observed.method) {
    await saveMethod(rows, { renterId: setup.renterId, connectionId, method: observed.method, makeDefault: true })
  }
  return 'done'
}

async function findOurs(
  rows: ScopedHandle,
  { connectionId, observed }: { connectionId: string; observed: SetupIntentSeen },
): Promise<{ setup: Setup } | { verdict: ReactionVerdict }> {
  const owner = observed.metadata['rentroll_operator']
  if (owner && owner !== rows.scope.operatorId)
    return { verdict: { quarantine: 'Its metadata names another operator than the account it came from.' } }
  const known = await findSetupByIntent(rows, { connectionId, intentId: observed.id })
  if (known) return { setup: known }
  const setupId = observed.metadata['rentroll_setup']
  // The handshake of Save Credentials makes a SetupIntent too; it is ours and means nothing here.
  if (observed.metadata['rentroll_probe']) return { verdict: 'done' }
  if (!owner || !setupId) return { verdict: 'foreign' }
  const named = await findSetup(rows, setupId)
  if (!named) return { verdict: { park: 'The setup it names is not here yet.' } }
  return named.connectionId === connectionId
    ? { setup: named }
    : { verdict: { quarantine: 'Its metadata names a setup of another connection.' } }
}

/** Asks Stripe where a setup stands, with or without a webhook (STR-71). @throws StripeFault when Stripe did not answer. */
export async function followSetup(ground: CustomerGround, scope: Scope, setupId: string): Promise<void> {
  const found = await inScope(ground.database, scope, async (rows) => {
    const setup = await findSetup(rows, setupId)
    return setup && { setup, connection: await getConnection(rows, setup.connectionId) }
  })
  if (!found || isFinal(found.setup.state)) return
  const { setup, connection } = found
  if (connection.state === 'disconnected') return giveUp(ground, scope, setup)
  const stripeScope = stripeScopeOf(ground.box, connection)
  const intentId =
    setup.setupIntentId ??
    (setup.checkoutSessionId &&
      (await ground.stripe.findCheckoutSession(stripeScope, setup.checkoutSessionId))?.setupIntentId)
  const observed = intentId && (await ground.stripe.findSetupIntent(stripeScope, intentId))
  await inScope(ground.database, scope, async (rows) => {
    if (observed) await settleSetup(rows, { connectionId: setup.connectionId, observed })
    await planNextPoll(rows, setup)
  })
}

/**
 * Closes the hosted page, because its account takes nothing new (STR-26). What Stripe has is read first: a method that was saved just
 * before stays saved. An answer that was lost left a page whose address nobody has. @throws StripeFault when Stripe did not answer.
 */
export async function closeSetup(ground: CustomerGround, scope: Scope, setupId: string): Promise<void> {
  const setup = await inScope(ground.database, scope, async (rows) => {
    const found = await lockSetup(rows, setupId)
    if (!found || isFinal(found.state)) return undefined
    await updateSetup(rows, setupId, { closing_at: rows.clock.now() })
    return found
  })
  if (!setup) return
  const { connectionId, checkoutSessionId: sessionId } = setup
  if (!sessionId) {
    const ageMs = ground.database.clock.now().getTime() - setup.createdAt.getTime()
    return ageMs > answerLostMs ? giveUp(ground, scope, setup) : undefined
  }
  const stripeScope = await stripeScopeFor(ground, scope, connectionId)
  const page = await ground.stripe.findCheckoutSession(stripeScope, sessionId)
  if (page?.status === 'open') {
    const idempotencyKey = `setup:${setup.id}:expire`
    await ground.stripe.expireCheckoutSession(stripeScope, sessionId, { idempotencyKey }).catch((error: unknown) => {
      // Finished in this very moment: what it has become is read below.
      if (!(error instanceof StripeFault) || error.kind !== 'invalid') throw error
    })
  }
  const reaction = onStripeSession(ground)
  const observed = await reaction.read(scope, connectionId, sessionId)
  await inScope(ground.database, scope, async (rows) => {
    if (observed) await reaction.apply(rows, connectionId, observed)
    if ((await findSetup(rows, setupId))?.state === 'canceled')
      await updateSetup(rows, setupId, { failure: leftBefore })
  })
}

const answerLostMs = 10 * 60_000
const leftBefore = 'Stripe was disconnected before the card was saved.'

/** Nobody can be asked any more once Stripe was disconnected. */
function giveUp(ground: CustomerGround, scope: Scope, setup: Setup): Promise<void> {
  return inScope(ground.database, scope, (rows) =>
    updateSetup(rows, setup.id, { state: 'canceled', failure: leftBefore }),
  )
}

/** A page that nobody finished within its life is given up; its session has expired at Stripe as well. */
async function planNextPoll(rows: ScopedHandle, before: Setup): Promise<void> {
  const setup = (await lockSetup(rows, before.id))!
  if (isFinal(setup.state)) return
  const now = rows.clock.now()
  if (setup.expiresAt && setup.expiresAt < now)
    return updateSetup(rows, setup.id, { state: 'canceled', failure: notFinished })
  await updateSetup(rows, setup.id, { polls: setup.polls + 1 })
  await rows.enqueue({
    name: 'renters.follow-setup',
    id: setup.id,
    startAt: new Date(now.getTime() + pollPauseMs(setup.polls)),
  })
}
