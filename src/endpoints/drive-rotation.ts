/**
 * Takes a rotation as far as it can go now (STR-59). Each step is read from the row, held by a lease and counted before Stripe is asked,
 * so it may be run again at any time, by any process. What surprises: a second endpoint whose answer was lost is deleted and made anew,
 * because Stripe tells a secret only once.
 */
import {
  addEndpointSecret,
  endEndpointSecrets,
  findConnection,
  judgePlaces,
  reopenEndpointSecrets,
  stripeScopeOf,
  updateConnection,
  withOurEvents,
  type Connection,
  type ConnectionGround,
} from '#connections'
import type { Scope, Uuid } from '#kernel'
import { inScope, recordFact, type ScopedHandle } from '#platform'
import { StripeFault, type EndpointSeen, type StripeScope } from '#stripe'
import { abandonedAs, mayMove, nextStep, type RotationState, type RotationStep } from './rotation-state.ts'
import type { Rotation } from './rotation.ts'
import { lockRotation, readTallies, updateRotation, type RotationChange } from './store.ts'

const hourMs = 3_600_000
const leaseMs = 90_000
/** Key rings are read again every half second, so after two every process knows the new secret. */
const visibleAfterMs = 2_000
const repeatAfterMs = 10_000
const repeatRefusedAfterMs = 300_000
/** What an endpoint listens to while its secret spreads; an endpoint needs at least one event. */
const rareEvents = ['customer.deleted'] as const
const passingKinds: ReadonlySet<string> = new Set(['network', 'server', 'rate', 'conflict', 'unexpected_response'])

type Held = { readonly rotation: Rotation; readonly connection: Connection; readonly step: RotationStep }
type Settle = (rows: ScopedHandle) => Promise<RotationChange>

/** @returns what Stripe refused or left unanswered at the step it stopped at; the rest is tried again by itself. */
export async function driveRotation(
  ground: ConnectionGround,
  scope: Scope,
  id: Uuid,
): Promise<StripeFault | undefined> {
  for (;;) {
    const held = await inScope(ground.database, scope, (rows) => hold(rows, id))
    if (!held) return undefined
    try {
      const settle = await carryOut(ground, held)
      const isOurs = await inScope(ground.database, scope, (rows) => settleStep(rows, held, settle))
      if (!isOurs) return undefined
    } catch (error) {
      if (!(error instanceof StripeFault)) throw error
      await inScope(ground.database, scope, (rows) => postpone(rows, held, error))
      return error
    }
  }
}

/** The next call to Stripe, counted and leased; steps of ours alone are taken on the way. Undefined when there is none now. */
async function hold(rows: ScopedHandle, id: Uuid): Promise<Held | undefined> {
  const rotation = await lockRotation(rows, id)
  if (!rotation) return undefined
  const now = rows.clock.now()
  if (rotation.leasedUntil && rotation.leasedUntil > now) return wait(rows, id, rotation.leasedUntil)
  const connection = await findConnection(rows, rotation.connectionId)
  const isProven = ((await readTallies(rows, rotation.connectionId)).get(rotation.newSecretId ?? '') ?? 0) > 0
  const step = nextStep({ ...rotation, isProven }, now)
  if (step === 'nothing') return undefined
  if (!connection || connection.keySealed === null) {
    await move(rows, rotation, { state: abandonedAs(rotation.state), fault: 'The connection was disconnected.' })
    return undefined
  }
  if (step === 'wait') return wait(rows, id, rotation.state === 'created' ? rotation.visibleAt : rotation.oldEndsAt)
  const own = ownSteps[step]
  if (own) {
    await move(rows, rotation, { state: own, fault: '' })
    return hold(rows, id)
  }
  const attempts = rotation.attempts + 1
  await updateRotation(rows, id, { attempts, leasedUntil: new Date(now.getTime() + leaseMs) })
  return { rotation: { ...rotation, attempts }, connection, step }
}

const ownSteps: Readonly<Partial<Record<RotationStep, RotationState>>> = {
  confirm: 'confirmed',
  end: 'ending',
  finish: 'done',
}

async function wait(rows: ScopedHandle, id: Uuid, startAt: Date | null): Promise<undefined> {
  if (startAt) await rows.enqueue({ name: 'endpoints.rotate', id, startAt, onceFor: startAt.toISOString() })
}

/** @throws when the state may not follow the present one. */
export async function move(
  rows: ScopedHandle,
  rotation: Rotation,
  change: RotationChange & { readonly state: RotationState },
): Promise<void> {
  const { id, connectionId } = rotation
  if (!mayMove(rotation.state, change.state))
    throw new Error(`a rotation goes from ${rotation.state} to ${change.state}`)
  const isEnd = change.state === 'done' || change.state === 'cancelled'
  await updateRotation(rows, id, { ...change, ...(isEnd && { finishedAt: rows.clock.now() }) })
  const ids = { connection: connectionId, rotation: id }
  if (change.state === 'done') await recordFact(rows, { name: 'webhook.rotated', ids })
  if (change.state === 'cancelled') await recordFact(rows, { name: 'webhook.rotation_cancelled', ids })
}

/** What Stripe answered is written only by who still holds the step. @returns whether that was so. */
async function settleStep(rows: ScopedHandle, { rotation }: Held, settle: Settle): Promise<boolean> {
  const present = await lockRotation(rows, rotation.id)
  if (!present || present.attempts !== rotation.attempts) return false
  // Somebody cancelled or ended it while Stripe was asked: what came of the call is put away by the step that follows from that.
  const isOvertaken = present.state !== rotation.state
  const { state, ...change } = isOvertaken ? {} : await settle(rows)
  await updateRotation(rows, rotation.id, { ...change, leasedUntil: null })
  if (state && state !== present.state) await move(rows, present, { state, fault: change.fault ?? '' })
  return true
}

/** What passes is tried again soon; what Stripe refuses needs a person, so it is said, and tried again later all the same. */
async function postpone(rows: ScopedHandle, { rotation, step }: Held, fault: StripeFault): Promise<void> {
  const present = await lockRotation(rows, rotation.id)
  if (!present || present.attempts !== rotation.attempts) return
  const isPassing = passingKinds.has(fault.kind)
  const words = isPassing ? 'Stripe did not answer; it is asked again.' : `Stripe refused: ${fault.kind}.`
  await updateRotation(rows, rotation.id, { leasedUntil: null, fault: words })
  if (!isPassing && step === 'create' && present.state === 'planned')
    return move(rows, present, { state: 'cancelled', fault: words })
  const startAt = new Date(rows.clock.now().getTime() + (isPassing ? repeatAfterMs : repeatRefusedAfterMs))
  await wait(rows, rotation.id, startAt)
}

/** Asks Stripe; no transaction is open. @returns what to write. @throws StripeFault */
function carryOut(ground: ConnectionGround, held: Held): Promise<Settle> {
  const scope = stripeScopeOf(ground.box, held.connection)
  switch (held.step) {
    case 'create':
      return create(ground, scope, held)
    case 'subscribe':
      return subscribe(ground, scope, held)
    case 'disable':
      return disable(ground, scope, held)
    case 'delete_old':
      return deleteOld(ground, scope, held)
    case 'delete_new':
      return deleteNew(ground, scope, held)
    default:
      throw new Error(`${held.step} is no call to Stripe`)
  }
}

function keyOf({ rotation, step }: Held, about = ''): string {
  return `rotation:${rotation.id}:${step}:${rotation.attempts}${about && `:${about}`}`
}

/** Endpoints of this rotation, also those whose answer was lost. */
function findNew(endpoints: readonly EndpointSeen[], { id, newEndpointId }: Rotation): readonly EndpointSeen[] {
  return endpoints.filter((one) => one.id === newEndpointId || one.metadata['rentroll_rotation'] === id)
}

async function create({ stripe, box }: ConnectionGround, scope: StripeScope, held: Held): Promise<Settle> {
  const { rotation, connection } = held
  const endpoints = await stripe.listEndpoints(scope)
  const orphans = findNew(endpoints, rotation)
  for (const { id } of orphans) await stripe.deleteEndpoint(scope, id, { idempotencyKey: keyOf(held, id) })
  if (judgePlaces(endpoints.filter((one) => !orphans.includes(one))))
    return async () => ({ state: 'cancelled', fault: 'This Stripe account already has 16 webhook endpoints.' })
  const { secret, id: newEndpointId } = await stripe.createEndpoint(scope, {
    url: rotation.url,
    events: rareEvents,
    metadata: { rentroll_rotation: rotation.id, rotation_of: rotation.oldEndpointId ?? '' },
    idempotencyKey: keyOf(held),
  })
  return async (rows) => {
    const { id } = await addEndpointSecret(rows, box, {
      connectionId: connection.id,
      secret,
      source: 'created',
      actor: rotation.startedBy,
      overlapMs: 'open',
    })
    const visibleAt = new Date(rows.clock.now().getTime() + visibleAfterMs)
    return { state: 'created', newEndpointId, newSecretId: id, visibleAt, fault: '' }
  }
}

/** From here on both endpoints send everything, and the old secret has an end. */
async function subscribe({ stripe }: ConnectionGround, scope: StripeScope, held: Held): Promise<Settle> {
  const { rotation, connection } = held
  const endpoints = await stripe.listEndpoints(scope)
  const old = endpoints.find(({ id }) => id === rotation.oldEndpointId)
  const fresh = endpoints.find(({ id }) => id === rotation.newEndpointId)
  if (!fresh) return async () => ({ state: 'cancelling', fault: 'The second endpoint was deleted at Stripe.' })
  const events = withOurEvents(old?.enabledEvents ?? [])
  await stripe.updateEndpoint(scope, fresh.id, { events, isEnabled: true, idempotencyKey: keyOf(held) })
  return async (rows) => {
    const overlapMs = rotation.overlapHours * hourMs
    const oldEndsAt = new Date(rows.clock.now().getTime() + overlapMs)
    const { id: connectionId } = connection
    await endEndpointSecrets(rows, { connectionId, at: oldEndsAt, except: rotation.newSecretId ?? '' })
    await updateConnection(rows, connectionId, { stripeEndpointId: fresh.id, isEndpointOurs: true })
    return { state: 'overlap', oldEndsAt, fault: '' }
  }
}

/** One that is gone already needs no switching off. */
async function disable({ stripe }: ConnectionGround, scope: StripeScope, held: Held): Promise<Settle> {
  const old = (await stripe.listEndpoints(scope)).find(({ id }) => id === held.rotation.oldEndpointId)
  if (old?.isEnabled) {
    const wish = { events: old.enabledEvents, isEnabled: false, idempotencyKey: keyOf(held) }
    await stripe.updateEndpoint(scope, old.id, wish)
  }
  return async () => ({ state: 'disabled', fault: '' })
}

async function deleteOld({ stripe }: ConnectionGround, scope: StripeScope, held: Held): Promise<Settle> {
  const { oldEndpointId, connectionId, newSecretId } = held.rotation
  if (oldEndpointId) await stripe.deleteEndpoint(scope, oldEndpointId, { idempotencyKey: keyOf(held) })
  return async (rows) => {
    await endEndpointSecrets(rows, { connectionId, at: rows.clock.now(), except: newSecretId ?? '' })
    await rows.enqueue({ name: 'endpoints.check', id: connectionId })
    return { state: 'done', fault: '' }
  }
}

/** What the second endpoint has sent already is still verified for an hour. */
async function deleteNew({ stripe }: ConnectionGround, scope: StripeScope, held: Held): Promise<Settle> {
  const { rotation } = held
  const endpoints = rotation.makesEndpoint ? await stripe.listEndpoints(scope) : []
  for (const { id } of findNew(endpoints, rotation))
    await stripe.deleteEndpoint(scope, id, { idempotencyKey: keyOf(held, id) })
  return async (rows) => {
    const at = new Date(rows.clock.now().getTime() + hourMs)
    const { connectionId, newSecretId } = rotation
    if (newSecretId) await endEndpointSecrets(rows, { connectionId, at, only: newSecretId })
    await rows.enqueue({ name: 'endpoints.check', id: connectionId })
    return { state: 'cancelled', fault: rotation.fault }
  }
}

/** Writes the wish to cancel: from now on the old secret has no end. The second endpoint is deleted by the next step. */
export async function writeCancelling(rows: ScopedHandle, rotation: Rotation): Promise<void> {
  const { connectionId, oldEndpointId, oldEndsAt } = rotation
  if (oldEndsAt) await reopenEndpointSecrets(rows, { connectionId, endingAt: oldEndsAt })
  if (oldEndpointId) await updateConnection(rows, connectionId, { stripeEndpointId: oldEndpointId })
  await move(rows, rotation, { state: 'cancelling', oldEndsAt: null })
}
