/**
 * Repair webhook (STR-111): looks at the endpoint as Stripe has it now and does whichever applies (makes it, moves it to the right address,
 * switches it on, adds events, or puts a fresh one with a known secret in its place), proves it by a test event, then fetches what was missed. It
 * answers with what it changed.
 */
import {
  createEndpoint,
  endpointCheckOf,
  findEndpoint,
  stripeScopeOf,
  withFaultsExplained,
  withOurEvents,
  type ConnectionGround,
  type EndpointCheck,
} from '#connections'
import { fixEndpoint, sendTestEvent } from '#endpoints'
import { listInboxEvents } from '#inbox'
import { done, type Outcome, type Scope } from '#kernel'
import { inScope, newId } from '#platform'
import { addMissedEvents, previewMissedEvents } from '#recovery'
import { askStripe } from './ask-stripe.ts'
import { counted } from './finding.ts'
import type { OwnKnown } from './known.ts'
import { readKnown } from './read-known.ts'
import { judgePending } from './pending-check.ts'
import { refuse } from './problems.ts'

/** What was changed, a sentence each. */
export type Changes = { readonly changes: readonly string[] }

type Wish = { readonly scope: Scope; readonly actor: string }

export async function repairWebhook(ground: ConnectionGround, wish: Wish): Promise<Outcome<Changes>> {
  const { scope } = wish
  const asked = await askStripe(ground, scope)
  if (!asked.ok) return asked
  const { own: known } = await inScope(ground.database, scope, readKnown)
  if (!known) return refuse('no_connection_to_check')
  if (known.connection.state === 'broken') return refuse('key_refused')
  const mended = await mend(ground, wish, known)
  if (!mended.ok) return mended
  const proof = await prove(ground, scope)
  const fetched = await fetchMissed(ground, scope)
  await askStripe(ground, scope)
  return done({ changes: [...mended.value, ...proof, ...fetched] })
}

async function mend(ground: ConnectionGround, wish: Wish, known: OwnKnown): Promise<Outcome<readonly string[]>> {
  const { cause } = judgePending(known)
  const before = known.connection.endpointCheck
  if (cause === 'wrong_url') return move(ground, wish)
  if (cause === 'no_endpoint')
    return create(ground, wish, 'An endpoint was created at Stripe, with all events and a new secret.')
  if (cause === 'no_secret' || cause === 'secret_mismatch') {
    return create(
      ground,
      wish,
      'A fresh endpoint with a secret known here took the place of the old one. The secrets known before stay valid for 24 hours.',
    )
  }
  if (cause === 'switched_off' || cause === 'events_missing') return fix(ground, wish.scope, before)
  return done(['The endpoint needed no repair: it is there, switched on, and has its events.'])
}

async function create(
  ground: ConnectionGround,
  { scope, actor }: Wish,
  sentence: string,
): Promise<Outcome<readonly string[]>> {
  const looked = await endpointCheckOf(ground, scope)
  if (!looked.ok) return looked
  const created = await createEndpoint(ground, { scope, actor, isFresh: looked.value.isFound })
  return created.ok ? done([sentence]) : created
}

async function fix(
  ground: ConnectionGround,
  scope: Scope,
  before: EndpointCheck | null,
): Promise<Outcome<readonly string[]>> {
  const fixed = await fixEndpoint(ground, scope, 'events')
  if (!fixed.ok) return fixed
  const missing = before?.missingRequired ?? []
  return done([
    ...(before && !before.isEnabled ? ['The endpoint was switched on again.'] : []),
    ...(missing.length > 0 ? [`Added at Stripe: ${missing.join(', ')}.`] : []),
  ])
}

/** Its address is put right and its secret stays; one whose secret is not known here makes place for a fresh one. */
async function move(ground: ConnectionGround, wish: Wish): Promise<Outcome<readonly string[]>> {
  const moved = await withFaultsExplained(async () => {
    const found = await findEndpoint(ground, wish.scope)
    if (!found.ok) return found
    const { connection, endpoints, addresses } = found.value
    const misplaced = endpoints.find(
      ({ metadata, url }) =>
        metadata['rentroll_operator'] === connection.operatorId || url.includes(connection.endpointToken),
    )
    if (!misplaced) return done(undefined)
    await ground.stripe.updateEndpoint(stripeScopeOf(ground.box, connection), misplaced.id, {
      url: addresses.own,
      events: withOurEvents(misplaced.enabledEvents),
      isEnabled: true,
      idempotencyKey: `endpoint:${connection.id}:move:${newId(ground.database.clock)}`,
    })
    return done(addresses.own)
  })
  if (!moved.ok) return moved
  const looked = await endpointCheckOf(ground, wish.scope)
  if (!looked.ok) return looked
  const { own: known } = await inScope(ground.database, wish.scope, readKnown)
  if (moved.value === undefined || !known?.secretSince)
    return create(ground, wish, 'A fresh endpoint was created at the right address, with a new secret.')
  return done(['The endpoint at Stripe points to the address of this connection again. Its secret stays.'])
}

/** A delivery has to prove that the address can be reached and that the secret is right. */
async function prove(ground: ConnectionGround, scope: Scope): Promise<readonly string[]> {
  const hasArrived = async (wanted: { readonly type: string; readonly objectId: string }) => {
    const { events } = await listInboxEvents(ground.database, scope, { limit: 100 })
    return events.some(
      ({ type, objectId, via }) => type === wanted.type && objectId === wanted.objectId && via === 'delivery',
    )
  }
  const sent = await sendTestEvent(ground, { scope, hasArrived })
  return [sent.ok ? `A test event was sent. ${sent.value.detail}` : sent.refusal.problem.cause]
}

/** What was missed is counted first, so that the count can be shown; fetching goes on in the background. */
async function fetchMissed(ground: ConnectionGround, scope: Scope): Promise<readonly string[]> {
  const counting = await previewMissedEvents(ground, scope)
  if (!counting.ok) return [counting.refusal.problem.cause]
  const { newCount, isComplete } = counting.value
  if (newCount === 0) return ['No event was missed.']
  const added = await addMissedEvents(ground, scope)
  if (!added.ok) return [added.refusal.problem.cause]
  return [
    `${isComplete ? '' : 'At least '}${counted(newCount, 'missed event')} fetched from Stripe; they are being worked on.`,
  ]
}
