/** Puts the parts together: the world, the table of operations, the deliverer, the faults, and the view for the pages. */
import type { Route, SandboxReply } from '../http.ts'
import { listTestCards } from './cards.ts'
import { forgetConnected } from './connect/connection.ts'
import { hostOnboarding } from './connect/hosted-onboarding.ts'
import type { HostedOnboarding } from './connect/onboarding-views.ts'
import { viewAccounts, viewDeliveries, viewEndpoints, viewEvents, viewHealth } from './console.ts'
import { Deliverer } from './delivery/deliverer.ts'
import type { WebhookProfile } from './delivery/retries.ts'
import { Faults } from './faults/faults.ts'
import { PortGate } from './faults/port-gate.ts'
import { probeOf } from './faults/probe.ts'
import { findSession, finish, submit, viewChallenge, viewCheckout } from './hosted.ts'
import { addOwnBanks, createAccount } from './objects/account.ts'
import { forgetOldEvents } from './objects/event.ts'
import { Api } from './protocol/api.ts'
import { Renderer } from './protocol/expand.ts'
import { forgetStoredAnswers } from './protocol/idempotency.ts'
import { RequestLog } from './protocol/request-log.ts'
import { Router } from './protocol/router.ts'
import { modules } from './modules.ts'
import type { Mode, ObjectKind, StripeSandbox, SubmitCheckout } from './views.ts'
import { importState } from './world/export.ts'
import { World } from './world/world.ts'

interface StripeSandboxOptions {
  readonly now: () => Date
  readonly folder?: string | undefined
  readonly seed?: string | undefined
  readonly webhookProfile?: WebhookProfile | undefined
}

const tickMs = 200
/** Old idempotency keys and events are swept once a minute; they are of no effect even before. */
const ticksPerSweep = 300

/** The running sandbox. Pages see it as `StripeSandbox`; the control API and tests use the rest as well. */
export class RunningSandbox implements StripeSandbox {
  readonly world: World
  readonly onboarding: HostedOnboarding
  readonly faults: Faults
  /** Whether the port is closed by a fault; told to the listener once there is one. */
  readonly gate: PortGate
  readonly log = new RequestLog()
  readonly router = new Router(modules)
  readonly #api: Api
  readonly #deliverer: Deliverer
  readonly #ticker: NodeJS.Timeout
  #ticks = 0

  constructor(options: StripeSandboxOptions) {
    this.world = new World(options)
    this.onboarding = hostOnboarding(this.world)
    this.faults = new Faults({ nowMs: () => this.world.nowMs(), seed: () => this.world.ids.seed })
    this.gate = new PortGate(this.faults)
    this.world.faults = probeOf(this.faults)
    for (const module of modules) {
      for (const [name, action] of Object.entries(module.timers ?? {})) this.world.timerActions.set(name, action)
      for (const [type, action] of Object.entries(module.listeners ?? {}))
        this.world.listeners.set(type, [...(this.world.listeners.get(type) ?? []), action])
    }
    this.#deliverer = new Deliverer(this.world, this.faults, options.webhookProfile ?? 'stripe')
    this.#api = new Api({
      world: this.world,
      router: this.router,
      renderer: new Renderer(modules),
      faults: this.faults,
      log: this.log,
    })
    if (this.world.root.table('account').size === 0) this.#seedAccounts()
    // Due things are looked for in real time and judged by the sandbox clock, which may be turned at any moment.
    this.#ticker = setInterval(() => this.#tick(), tickMs).unref()
  }

  /** Starts what the last process left undone; called once the listener's address is known. */
  resume(): void {
    this.#deliverer.resume()
  }

  /** Routes of Stripe's API. */
  routes(): Route[] {
    const methods = ['GET', 'POST', 'DELETE', 'PUT', 'PATCH'] as const
    const handle = (request: Parameters<Api['handle']>[0]): Promise<SandboxReply> => this.#api.handle(request)
    return methods.flatMap((method) => ['/v1/*', '/v2/*'].map((pattern) => ({ method, pattern, handle })))
  }

  get publicUrl(): string {
    return this.world.publicUrl
  }

  now(): Date {
    return new Date(this.world.nowMs())
  }

  accounts(): ReturnType<StripeSandbox['accounts']> {
    return viewAccounts(this.world)
  }

  findCheckoutSession(sessionId: string): ReturnType<StripeSandbox['findCheckoutSession']> {
    return viewCheckout(this.world, sessionId)
  }

  submitCheckout(submission: SubmitCheckout): ReturnType<StripeSandbox['submitCheckout']> {
    return submit(this.world, submission)
  }

  cancelCheckout(sessionId: string): string | null {
    return findSession(this.world, sessionId)?.row.object.cancel_url ?? null
  }

  findChallenge(token: string): ReturnType<StripeSandbox['findChallenge']> {
    return viewChallenge(this.world, token)
  }

  finishChallenge(wish: Parameters<StripeSandbox['finishChallenge']>[0]): ReturnType<StripeSandbox['finishChallenge']> {
    return finish(this.world, wish.token, wish.outcome)
  }

  testCards(): ReturnType<StripeSandbox['testCards']> {
    return listTestCards()
  }

  listRequests(limit = 100): ReturnType<StripeSandbox['listRequests']> {
    return this.log.list(limit)
  }

  findRequest(requestId: string): ReturnType<StripeSandbox['findRequest']> {
    return this.log.find(requestId) ?? null
  }

  listEvents(limit = 100): ReturnType<StripeSandbox['listEvents']> {
    return viewEvents(this.world, limit)
  }

  listDeliveries(limit = 100): ReturnType<StripeSandbox['listDeliveries']> {
    return viewDeliveries(this.world, limit)
  }

  listEndpoints(): ReturnType<StripeSandbox['listEndpoints']> {
    return viewEndpoints(this.world)
  }

  listObjects(accountId: string, mode: Mode, kind: ObjectKind): ReturnType<StripeSandbox['listObjects']> {
    const rows = [...this.world.space(accountId, mode).newestFirst(kind)]
    return rows.map((row) => row.object as unknown as Readonly<Record<string, unknown>>)
  }

  health(isThorough = false): ReturnType<StripeSandbox['health']> {
    return viewHealth(this.world, { faults: this.faults, log: this.log, isThorough })
  }

  resendDelivery(deliveryId: string): boolean {
    return this.#deliverer.resend(deliveryId)
  }

  forgetIdempotencyKeys(): number {
    return forgetStoredAnswers(this.world, 'all')
  }

  nextDueAt(): Date | null {
    const dueAt = this.world.nextDueAt()
    return dueAt === undefined ? null : new Date(dueAt)
  }

  async runDue(): Promise<void> {
    do {
      this.world.runDueTimers()
      await this.#deliverer.idle()
    } while ((this.world.nextDueAt() ?? Infinity) <= this.world.nowMs())
  }

  /** What the walk through time asks of this sandbox: a delivery under way counts as due now. */
  clockSide(): { name: string; nextDueAt(): Promise<Date | null>; runDue(): Promise<void> } {
    return {
      name: 'The Stripe sandbox',
      nextDueAt: async () => (this.#deliverer.isIdle ? this.nextDueAt() : this.now()),
      runDue: () => this.runDue(),
    }
  }

  set deliveryOrder(order: 'shuffled' | 'as_created') {
    this.#deliverer.order = order
  }

  /** Forgets every object, answer, request and fault; own accounts and keys stay, so that who uses them goes on working. */
  reset(seed?: string): void {
    this.faults.clear()
    this.log.clear()
    this.world.transaction(() => forgetConnected(this.world))
    this.world.reset(['account', 'key', 'payout_settings'], seed)
    this.world.transaction(() => {
      for (const account of this.world.root.oldestFirst('account')) addOwnBanks(this.world, account)
    })
    this.#deliverer.resume()
  }

  /** Takes over an exported state, deliveries that wait included. Throws ImportRefused, and then nothing changed. */
  importState(file: Buffer): ReturnType<typeof importState> {
    const taken = importState(this.world, file)
    this.faults.clear()
    this.log.clear()
    this.#deliverer.resume()
    return taken
  }

  close(): void {
    clearInterval(this.#ticker)
    this.gate.close()
    this.#deliverer.close()
    this.world.close()
  }

  /** What is too old to be asked for: stored answers and events. */
  forgetOld(): void {
    forgetStoredAnswers(this.world, 'old')
    forgetOldEvents(this.world)
  }

  #tick(): void {
    this.world.runDueTimers()
    this.gate.look()
    this.#ticks += 1
    if (this.#ticks % ticksPerSweep === 0) this.forgetOld()
  }

  #seedAccounts(): void {
    this.world.transaction(() => {
      createAccount(this.world, { name: 'Harbour Desks', country: 'AU', currency: 'aud' })
      createAccount(this.world, { name: 'Keystone Storage', country: 'US', currency: 'usd' })
      createAccount(this.world, { name: 'Rental Platform', country: 'AU', currency: 'aud', isPlatform: true })
    })
  }
}
