/**
 * Takes deliveries to their endpoints (SBX-35 to SBX-37): at once in parallel, ten at a time per endpoint, and again on the
 * sandbox clock when one fails. Nothing here waits inside a change of the world: a try is sent first and written down when
 * its answer is known, so a crash in between means one more try, as at Stripe.
 */
import { randomInt } from 'node:crypto'
import { deliverySteps, deliveryTimeoutMs, parallelDeliveriesPerEndpoint, resendLifeMs } from '../facts.ts'
import type { Faults, WebhookEffect } from '../faults.ts'
import { recordTraffic } from '../../traffic-record.ts'
import { buildBody } from './message.ts'
import type { DeliveryTry, Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import type { World } from '../world/world.ts'
import { Sender } from './send.ts'
import type { Sent } from './send.ts'
import { sign } from './signature.ts'

export type WebhookProfile = 'stripe' | 'fast'

interface Task {
  readonly space: Space
  readonly deliveryId: string
  /** A try by hand: it is not counted and does not move the automatic ones. */
  readonly isByHand: boolean
}

const kept = 5000

export class Deliverer {
  readonly #world: World
  readonly #faults: Faults
  readonly #profile: WebhookProfile
  readonly #sender = new Sender()
  readonly #waiting = new Map<string, Task[]>()
  readonly #busy = new Map<string, number>()
  #inFlight = 0
  #idleWaiters: (() => void)[] = []
  #isClosed = false
  /** Stripe promises no order; who needs one for a demonstration can ask for it. */
  order: 'shuffled' | 'as_created' = 'shuffled'

  constructor(world: World, faults: Faults, profile: WebhookProfile) {
    this.#world = world
    this.#faults = faults
    this.#profile = profile
    world.startDelivery = (space, deliveryId) => this.#enqueue({ space, deliveryId, isByHand: false })
    world.timerActions.set('delivery.try', (space, deliveryId) =>
      world.afterCommit(() => this.#enqueue({ space, deliveryId, isByHand: false })),
    )
  }

  /** After a start: deliveries whose try was under way when the last process ended. */
  resume(): void {
    for (const space of this.#world.spaces()) {
      for (const { id, object } of space.oldestFirst('delivery', { where: (row) => row.object.state === 'pending' })) {
        if (space.find('timer', timerOf(id)) === undefined && object.nextTryAt !== null)
          this.#enqueue({ space, deliveryId: id, isByHand: false })
      }
    }
  }

  /** Sends once more, now. False for a delivery that is gone or older than 15 days. */
  resend(deliveryId: string): boolean {
    for (const space of this.#world.spaces()) {
      const row = space.find('delivery', deliveryId)
      if (row === undefined) continue
      if (row.object.createdAt < this.#world.nowMs() - resendLifeMs) return false
      this.#enqueue({ space, deliveryId, isByHand: true })
      return true
    }
    return false
  }

  /** Resolves when nothing is being sent and nothing waits to be. */
  async idle(): Promise<void> {
    if (this.#inFlight === 0) return
    await new Promise<void>((resolve) => this.#idleWaiters.push(resolve))
  }

  close(): void {
    this.#isClosed = true
    this.#sender.close()
  }

  #enqueue(task: Task): void {
    if (this.#isClosed) return
    const endpoint = task.space.find('delivery', task.deliveryId)?.object.endpoint
    if (endpoint === undefined) return
    this.#inFlight += 1
    const queue = this.#waiting.get(endpoint)
    if (queue === undefined) this.#waiting.set(endpoint, [task])
    else queue.push(task)
    // The rest of the events of one call come in the same turn: they start together, in no promised order.
    setImmediate(() => this.#startSome(endpoint))
  }

  #startSome(endpoint: string): void {
    const queue = this.#waiting.get(endpoint) ?? []
    const busy = this.#busy.get(endpoint) ?? 0
    const started: Task[] = []
    while (queue.length > 0 && started.length < parallelDeliveriesPerEndpoint - busy) {
      started.push(...queue.splice(this.order === 'shuffled' ? randomInt(queue.length) : 0, 1))
    }
    if (queue.length === 0) this.#waiting.delete(endpoint)
    this.#busy.set(endpoint, busy + started.length)
    for (const task of started) void this.#run(task, endpoint)
  }

  async #run(task: Task, endpoint: string): Promise<void> {
    try {
      await this.#try(task)
    } catch (error) {
      this.#giveUp(task, `The sandbox itself failed: ${error instanceof Error ? error.message : String(error)}`)
    } finally {
      this.#busy.set(endpoint, (this.#busy.get(endpoint) ?? 1) - 1)
      this.#inFlight -= 1
      this.#startSome(endpoint)
      if (this.#inFlight === 0) for (const resolve of this.#idleWaiters.splice(0)) resolve()
    }
  }

  async #try(task: Task): Promise<void> {
    if (this.#isClosed) return
    const { space, deliveryId } = task
    const delivery = space.find('delivery', deliveryId)
    const endpoint = delivery === undefined ? undefined : space.find('webhook_endpoint', delivery.object.endpoint)
    const event = delivery === undefined ? undefined : space.find('event', delivery.object.event)
    if (delivery === undefined || event === undefined) return
    if (endpoint === undefined || (endpoint.object.status !== 'enabled' && !task.isByHand)) {
      this.#giveUp(task, endpoint === undefined ? 'The endpoint was deleted.' : 'The endpoint is disabled.')
      return
    }
    const effects = this.#effectsFor(task, delivery)
    const delay = effects.find((effect) => effect.kind === 'delay')
    if (delay !== undefined) {
      this.#postpone(task, delay.ms)
      return
    }
    const body = buildBody(space, event, endpoint)
    const signature = this.#sign(body, endpoint.hidden.secret, effects)
    recordTraffic(() => ({
      kind: 'delivery',
      url: endpoint.object.url,
      body,
      signature,
      secrets: [endpoint.hidden.secret],
      at: this.#world.nowSeconds(),
      faults: effects.map((effect) => effect.kind),
    }))
    const copies = effects.reduce((count, effect) => count + (effect.kind === 'duplicate' ? effect.copies : 0), 1)
    const message = { body, signature, timeoutMs: deliveryTimeoutMs }
    const isDropped = effects.some((effect) => effect.kind === 'drop')
    const sent = isDropped
      ? [lost]
      : await Promise.all(Array.from({ length: copies }, () => this.#sender.post(endpoint.object.url, message)))
    this.#writeDown(task, sent, signature)
  }

  #effectsFor(task: Task, delivery: Row<'delivery'>): readonly WebhookEffect[] {
    const { space } = task
    const subject = {
      account: space.accountId,
      mode: space.mode,
      eventType: delivery.object.eventType,
      name: delivery.id,
    }
    return this.#faults.webhookEffects(subject, this.#world.nowMs())
  }

  #sign(body: string, secret: string, effects: readonly WebhookEffect[]): string {
    const stale = effects.find((effect) => effect.kind === 'stale')
    const seconds = this.#world.nowSeconds() - (stale?.seconds ?? 0)
    const isWrong = effects.some((effect) => effect.kind === 'wrong_secret')
    const signature = sign(body, seconds, [isWrong ? `whsec_${'0'.repeat(32)}` : secret])
    const isBad = effects.some((effect) => effect.kind === 'bad_signature')
    return isBad ? signature.replace(/.$/, (last) => (last === '0' ? '1' : '0')) : signature
  }

  #postpone(task: Task, ms: number): void {
    const dueAt = this.#world.nowMs() + ms
    this.#world.transaction(() => {
      task.space.update('delivery', task.deliveryId, { object: { nextTryAt: dueAt } })
      this.#schedule(task, dueAt)
    })
  }

  #giveUp(task: Task, reason: string): void {
    const { space, deliveryId } = task
    const row = space.find('delivery', deliveryId)
    if (row === undefined || this.#isClosed) return
    this.#world.transaction(() => {
      const { tries } = row.object
      const entry = { at: this.#world.nowMs(), status: null, answer: reason, durationMs: 0, signature: '' }
      space.update('delivery', deliveryId, { object: { state: 'failed', nextTryAt: null, tries: [...tries, entry] } })
    })
  }

  #writeDown(task: Task, sent: readonly Sent[], signature: string): void {
    const { space, deliveryId } = task
    const row = space.find('delivery', deliveryId)
    if (row === undefined || this.#isClosed) return
    const at = this.#world.nowMs()
    const entries: DeliveryTry[] = sent.map((one) => ({ ...one, at, signature }))
    const isDelivered = sent.some((one) => one.status !== null && one.status >= 200 && one.status < 300)
    this.#world.transaction(() => {
      const automaticTries = row.object.automaticTries + (task.isByHand ? 0 : 1)
      const tries = [...row.object.tries, ...entries].slice(-50)
      const waitsForItsTurn = task.isByHand && row.object.state === 'pending'
      if (isDelivered && !waitsForItsTurn) {
        space.remove('timer', timerOf(deliveryId))
        space.update('delivery', deliveryId, { object: { state: 'delivered', nextTryAt: null, automaticTries, tries } })
      } else if (task.isByHand) space.update('delivery', deliveryId, { object: { tries } })
      else this.#planNext(task, { automaticTries, tries })
      this.#forgetOldest(space)
    })
  }

  #planNext(task: Task, made: { automaticTries: number; tries: readonly DeliveryTry[] }): void {
    const { space, deliveryId } = task
    const steps: readonly number[] = deliverySteps[this.#profile === 'fast' ? 'fast' : space.mode]
    const wait = steps[made.automaticTries - 1]
    const dueAt = wait === undefined ? null : this.#world.nowMs() + wait
    space.update('delivery', deliveryId, {
      object: { ...made, state: dueAt === null ? 'failed' : 'pending', nextTryAt: dueAt },
    })
    if (dueAt !== null) this.#schedule(task, dueAt)
  }

  #schedule(task: Task, dueAt: number): void {
    const timer = { dueAt, action: 'delivery.try', subject: task.deliveryId }
    task.space.remove('timer', timerOf(task.deliveryId))
    this.#world.schedule(task.space, timer, timerOf(task.deliveryId))
  }

  /** The log of deliveries is kept to the newest thousands; the events themselves stay. */
  #forgetOldest(space: Space): void {
    if (space.table('delivery').size <= kept) return
    for (const row of space.oldestFirst('delivery')) {
      if (row.object.state === 'pending') continue
      space.remove('delivery', row.id)
      return
    }
  }
}

const lost: Sent = { status: null, answer: 'Lost on the way by a fault of the sandbox.', durationMs: 0 }

function timerOf(deliveryId: string): string {
  return `try_${deliveryId}`
}
