/**
 * Saving a card: a hosted page in setup mode, so no card number ever reaches us (H1, TRU-115). Coming back from that page proves nothing;
 * the SetupIntent is read, by webhook or by polling, before a method counts as saved (STR-101).
 */
import { noteAudit } from '#audit'
import { done, publicId, refused, type Outcome, type Problem, type Scope } from '#kernel'
import { findChargingConnection, stripeScopeOf } from '#connections'
import { inScope, type ScopedHandle } from '#platform'
import { getLocation } from '#spaces'
import { StripeFault } from '#stripe'
import { ensureCustomer, type CustomerGround } from './ensure-customer.ts'
import { findSetup, insertSetup, updateSetup } from './method-store.ts'
import { findRenter } from './store.ts'

export const setupProblems = {
  no_connection: {
    title: 'Card payments are not connected',
    cause: 'A card can be saved once a Stripe account is connected in this mode.',
    nextStep: 'Connect Stripe in Administration, Integrations.',
    status: 409,
  },
  renter_missing: {
    title: 'We have no such renter',
    cause: 'The renter does not exist in this mode.',
    nextStep: 'Open the list of renters.',
    status: 404,
  },
  stripe_away: {
    title: 'Stripe did not answer',
    cause: 'The page for saving a card could not be opened.',
    nextStep: 'Try again in a moment.',
    status: 503,
  },
  stripe_refused: {
    title: 'Stripe refused to open the page',
    cause: 'The connected key may lack a permission, or the account takes no payments yet.',
    nextStep: 'Press Test Connection in Administration, Integrations.',
    status: 409,
  },
} as const satisfies Record<string, Problem>

type SetupRefusal = keyof typeof setupProblems
const refuse = (code: SetupRefusal) => refused(code, setupProblems[code])

export type SetupWish = {
  readonly renterId: string
  /** A uuid made with the button: pressing it twice opens one session. */
  readonly setupId: string
  /** Path on our own origin that the renter or staff comes back to. */
  readonly returnTo: string
  readonly actor: string
}

const sessionLifeMs = 23 * 3_600_000

/** @returns the address of the hosted page. */
export async function startSetup(
  ground: CustomerGround & { readonly publicUrl: string },
  scope: Scope,
  wish: SetupWish,
): Promise<Outcome<{ url: string }, SetupRefusal>> {
  const lastsUntil = new Date(ground.database.clock.now().getTime() + sessionLifeMs)
  const found = await inScope(ground.database, scope, async (rows) => {
    const connection = await findChargingConnection(rows)
    const renter = await findRenter(rows, wish.renterId)
    if (connection && renter) await planSetup(rows, wish, { connectionId: connection.id, lastsUntil })
    // Pressed again it asks for what was asked for the first time, because Stripe compares (STR-79).
    return { connection, renter, location: await getLocation(rows), setup: await findSetup(rows, wish.setupId) }
  })
  if (!found.renter) return refuse('renter_missing')
  if (!found.connection || !found.setup) return refuse('no_connection')
  const { returnTo, expiresAt = lastsUntil } = found.setup
  try {
    const customer = await ensureCustomer(ground, scope, { renterId: wish.renterId, connectionId: found.connection.id })
    const session = await ground.stripe.createSetupSession(stripeScopeOf(ground.box, found.connection), {
      customer,
      currency: found.location.currency,
      ...returnAddresses(ground.publicUrl, { setupId: wish.setupId, returnTo }),
      clientReferenceId: wish.setupId,
      expiresAt,
      metadata: { rentroll_setup: wish.setupId, rentroll_renter: wish.renterId },
      idempotencyKey: `setup:${wish.setupId}`,
    })
    await inScope(ground.database, scope, async (rows) => {
      await updateSetup(rows, wish.setupId, {
        stripe_checkout_session_id: session.id,
        ...(session.setupIntentId && { stripe_setup_intent_id: session.setupIntentId }),
      })
      await rows.enqueue({
        name: 'renters.follow-setup',
        id: wish.setupId,
        startAt: new Date(rows.clock.now().getTime() + 15_000),
      })
    })
    return done({ url: session.url })
  } catch (error) {
    if (!(error instanceof StripeFault)) throw error
    return refuse(
      error.kind === 'invalid' || error.kind === 'permission' || error.kind === 'auth'
        ? 'stripe_refused'
        : 'stripe_away',
    )
  }
}

async function planSetup(
  rows: ScopedHandle,
  { setupId, renterId, returnTo, actor }: SetupWish,
  { connectionId, lastsUntil }: { readonly connectionId: string; readonly lastsUntil: Date },
): Promise<void> {
  await insertSetup(rows, { id: setupId, renterId, connectionId, returnTo, expiresAt: lastsUntil, actor })
  noteAudit(rows, {
    action: 'renter.card_page_opened',
    object: { kind: 'renter', id: publicId('renter', renterId) },
    after: { setup: publicId('setup', setupId) },
  })
}

function returnAddresses(publicUrl: string, wish: Pick<SetupWish, 'setupId' | 'returnTo'>) {
  const separator = wish.returnTo.includes('?') ? '&' : '?'
  const back = `${publicUrl}${wish.returnTo}${separator}setup=${publicId('setup', wish.setupId)}`
  return { successUrl: `${back}&session={CHECKOUT_SESSION_ID}`, cancelUrl: `${back}&cancelled=1` }
}
