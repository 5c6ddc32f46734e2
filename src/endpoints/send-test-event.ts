/**
 * Send test (STR-47): a set-up attempt that nobody will ever confirm is made and cancelled at Stripe, which moves no money, and
 * `setup_intent.canceled` has to arrive within 30 seconds. Where events are kept is the inbox's matter, so it is asked through a function.
 */
import { findEndpoint, getConnection, stripeScopeOf, withFaultsExplained, type ConnectionGround } from '#connections'
import { done, type Outcome, type Scope } from '#kernel'
import { inScope, newId } from '#platform'
import { isRecent, refusedCause } from './health.ts'

const eventType = 'setup_intent.canceled'
const tries = 60
const pauseMs = 500

export type TestEventRequest = {
  readonly scope: Scope
  /** Whether a delivery brought this event about this object. */
  readonly hasArrived: (event: { readonly type: string; readonly objectId: string }) => Promise<boolean>
  /** Between two looks; half a second when not given. */
  readonly pause?: () => Promise<void>
}

export type TestEventResult = { readonly state: 'arrived' | 'not_arrived'; readonly detail: string }

export async function sendTestEvent(
  ground: ConnectionGround,
  request: TestEventRequest,
): Promise<Outcome<TestEventResult>> {
  const { scope } = request
  const found = await withFaultsExplained(() => findEndpoint(ground, scope))
  if (!found.ok) return found
  const { connection, ours } = found.value
  if (!ours) return notArrived('No endpoint at Stripe points here. Create it first.')
  if (!ours.isEnabled) return notArrived('The endpoint is switched off at Stripe. Re-enable it first.')
  if (!ours.enabledEvents.some((name) => name === eventType || name === '*'))
    return notArrived(`The event ${eventType} is not selected at Stripe. Press Fix first.`)
  const startedAt = ground.database.clock.now()
  const made = await withFaultsExplained(async () => {
    const stripeScope = stripeScopeOf(ground.box, connection)
    const idempotencyKey = `endpoint:${connection.id}:test:${newId(ground.database.clock)}`
    const probe = await ground.stripe.createProbe(stripeScope, { purpose: 'webhook test', idempotencyKey })
    await ground.stripe.cancelProbe(stripeScope, probe, { idempotencyKey: `${idempotencyKey}:cancel` })
    return done(probe.id)
  })
  if (!made.ok) return made
  const pause = request.pause ?? (() => new Promise<void>((resolve) => setTimeout(resolve, pauseMs)))
  for (let look = 0; look < tries; look += 1) {
    if (await request.hasArrived({ type: eventType, objectId: made.value }))
      return done({ state: 'arrived', detail: `${eventType} was delivered and verified.` })
    await pause()
  }
  const present = await inScope(ground.database, scope, (rows) => getConnection(rows, connection.id))
  const { webhookLastRefusedAt: refusedAt } = present
  const isRefused = refusedAt !== null && refusedAt >= startedAt && isRecent(refusedAt, ground.database.clock.now())
  return notArrived(
    isRefused
      ? `A delivery came and was refused. ${refusedCause}`
      : `Nothing came within 30 seconds. Look in Stripe whether the delivery to ${ours.url} failed, and that the address is reachable.`,
  )
}

function notArrived(detail: string): Outcome<TestEventResult> {
  return done({ state: 'not_arrived', detail })
}
