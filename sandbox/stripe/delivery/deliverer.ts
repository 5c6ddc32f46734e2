/**
 * Takes deliveries to their endpoints (SBX-35 to SBX-37): at once in parallel, ten at a time per endpoint, and again on the
 * sandbox clock when one fails. Nothing here waits inside a change of the world: a try is sent first and written down when
 * its answer is known, so a crash in between means one more try, as at Stripe.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { recordTraffic } from '../../traffic-record.ts'
import { deliveryTimeoutMs, resendLifeMs } from '../facts.ts'
import type { Faults } from '../faults/faults.ts'
import { Reordering, namesUnusual, planDelivery } from '../faults/webhook-faults.ts'
import type { DeliveryPlan } from '../faults/webhook-faults.ts'
import { IdSource } from '../world/ids.ts'
import type { DeliveryTry, Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import type { World } from '../world/world.ts'
import { endpointOf, noteOutcome } from './endpoint.ts'
import { Line } from './line.ts'
import { buildBody } from './message.ts'
import { nextWaitMs, plannedAt } from './retries.ts'
import type { WebhookProfile } from './retries.ts'
import { validSecrets } from './secrets.ts'
import { Sender } from './send.ts'
import type { Message, Sent } from './send.ts'
import { signAs } from './signature.ts'

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
  readonly #reordering = new Reordering()
  readonly #lines = new Map<string, Line<Task>>()
  #chance: IdSource
  #inFlight = 0
  #idleWaiters: (() => void)[] = []
  #isClosed = false
  /** Stripe promises no order; who needs one for a demonstration can ask for it. */
  order: 'shuffled' | 'as_created' = 'shuffled'

  constructor(world: World, faults: Faults, profile: WebhookProfile) {
    this.#world = world
    this.#faults = faults
    this.#profile = profile
    this.#chance = chanceOf(world)
    world.startDelivery = (space, deliveryId) => this.#enqueue({ space, deliveryId, isByHand: false })
    world.timerActions.set('delivery.try', (space, deliveryId) =>
      world.afterCommit(() => this.#enqueue({ space, deliveryId, isByHand: false })),
    )
  }

  /** After a start: deliveries whose try was under way when the last process ended. */
  resume(): void {
    this.#chance = chanceOf(this.#world)
    for (const space of this.#world.spaces()) {
      for (const { id, object } of space.oldestFirst('delivery', { where: (row) => row.object.state === 'pending' })) {
        if (space.find('timer', timerOf(id)) === undefined && object.nextTryAt !== null)
          this.#enqueue({ space, deliveryId: id, isByHand: false })
      }
    }
  }

  /** Sends once more, now. False for a delivery that is older than 15 days, or gone, or whose endpoint is gone. */
  resend(deliveryId: string): boolean {
    for (const space of this.#world.spaces()) {
      const row = space.find('delivery', deliveryId)
      if (row === undefined) continue
      const isTooOld = row.object.createdAt < this.#world.nowMs() - resendLifeMs
      if (isTooOld || endpointOf(this.#world, row) === undefined) return false
      this.#enqueue({ space, deliveryId, isByHand: true })
      return true
    }
    return false
  }

  get isIdle(): boolean {
    return this.#inFlight === 0
  }

  /** Resolves when nothing is being sent and nothing waits to be. */
  async idle(): Promise<void> {
    if (this.isIdle) return
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
    const line = this.#lines.get(endpoint) ?? new Line<Task>()
    this.#lines.set(endpoint, line)
    line.add({ task, since: this.#world.nowMs() })
    // The rest of the events of one call come in the same turn: they start together, in no promised order.
    setImmediate(() => this.#startSome(endpoint, line))
  }

  #startSome(endpoint: string, line: Line<Task>): void {
    const draw = (below: number): number => (this.order === 'shuffled' && below > 1 ? this.#chance.number(below) : 0)
    for (const task of line.takeSome(draw)) void this.#run(task, { endpoint, line })
    if (line.isEmpty && this.#lines.get(endpoint) === line) this.#lines.delete(endpoint)
  }

  async #run(task: Task, from: { readonly endpoint: string; readonly line: Line<Task> }): Promise<void> {
    try {
      await this.#try(task)
    } catch (error) {
      this.#giveUp(task, `The sandbox itself failed: ${error instanceof Error ? error.message : String(error)}`)
    } finally {
      from.line.finish()
      this.#inFlight -= 1
      this.#startSome(from.endpoint, from.line)
      if (this.#inFlight === 0) for (const resolve of this.#idleWaiters.splice(0)) resolve()
    }
  }

  async #try(task: Task): Promise<void> {
    if (this.#isClosed) return
    const { space, deliveryId } = task
    const delivery = space.find('delivery', deliveryId)
    const endpoint = delivery === undefined ? undefined : endpointOf(this.#world, delivery)
    const event = delivery === undefined ? undefined : space.find('event', delivery.object.event)
    if (delivery === undefined || event === undefined) return
    if (endpoint === undefined || (endpoint.object.status !== 'enabled' && !task.isByHand)) {
      this.#giveUp(task, endpoint === undefined ? 'The endpoint was deleted.' : 'The endpoint is disabled.')
      return
    }
    const plan = this.#planFor(task, delivery)
    if (plan.holdMs !== null) {
      this.#postpone(task, plan.holdMs)
      return
    }
    const body = buildBody(space, event, { endpoint, change: plan })
    const signature = signAs(plan, { body, endpoint, world: this.#world })
    recordTraffic(() => ({
      kind: 'delivery',
      url: endpoint.object.url,
      body,
      signature,
      secrets: validSecrets(endpoint, this.#world.nowMs()),
      at: this.#world.nowSeconds(),
      faults: namesUnusual(plan),
    }))
    const sent = await this.#send(endpoint.object.url, { body, signature, timeoutMs: deliveryTimeoutMs }, plan)
    this.#writeDown(task, sent, signature)
  }

  #planFor(task: Task, delivery: Row<'delivery'>): DeliveryPlan {
    const { space } = task
    const subject = {
      account: space.accountId,
      mode: space.mode,
      eventType: delivery.object.eventType,
      name: delivery.id,
    }
    const nowMs = this.#world.nowMs()
    return planDelivery(this.#faults.webhookEffects(subject), (windowMs) => this.#reordering.next(windowMs, nowMs))
  }

  async #send(url: string, message: Message, plan: DeliveryPlan): Promise<readonly Sent[]> {
    if (plan.lost !== null) return [{ status: null, answer: plan.lost, durationMs: 0 }]
    const post = (count: number): Promise<Sent[]> =>
      Promise.all(Array.from({ length: count }, () => this.#sender.post(url, message)))
    const sent = await post(plan.copies)
    for (let second = 0; second < (plan.flood?.seconds ?? 0) && !this.#isClosed; second += 1) {
      const [flood] = await Promise.all([post(plan.flood?.perSecond ?? 0), pause(1000)])
      sent.push(...flood)
    }
    return sent
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
    const moment = task.isByHand ? at : plannedAt(row.object, at)
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
      else this.#planNext(task, { automaticTries, tries, moment })
      if (isDelivered || !task.isByHand) noteOutcome(this.#world, row, { isDelivered, at: moment })
      this.#forgetOldest(space)
    })
  }

  #planNext(task: Task, made: { automaticTries: number; tries: readonly DeliveryTry[]; moment: number }): void {
    const { space, deliveryId } = task
    const { moment, ...counted } = made
    const wait = nextWaitMs(this.#profile === 'fast' ? 'fast' : space.mode, made.automaticTries)
    const dueAt = wait === undefined ? null : moment + wait
    space.update('delivery', deliveryId, {
      object: { ...counted, state: dueAt === null ? 'failed' : 'pending', nextTryAt: dueAt },
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

function timerOf(deliveryId: string): string {
  return `try_${deliveryId}`
}

/** The order of deliveries hangs on the seed as everything else does, and draws no numbers that ids are made of. */
function chanceOf(world: World): IdSource {
  return new IdSource(`${world.ids.seed}/order`, 0)
}
