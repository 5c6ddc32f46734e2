/**
 * The road of one API call: who is calling, which operation, what faults wait for it, was it answered before, are its
 * parameters right; then the operation runs as one change and its answer is kept. Everything between the faults runs
 * without waiting, so two calls never interleave inside the work.
 */
import type { SandboxReply, SandboxRequest } from '../../http.ts'
import { recordTraffic } from '../../traffic-record.ts'
import { StripeRefusal, notSupported, refuse } from '../errors.ts'
import { applyFaultsAfter, applyFaultsBefore, faultRefusal } from '../faults/api-faults.ts'
import type { Answer } from '../faults/api-faults.ts'
import type { ApiEffect } from '../faults/effects.ts'
import type { Faults } from '../faults/faults.ts'
import { settingsOf } from '../world/settings.ts'
import type { World } from '../world/world.ts'
import { describeExchange, readForm, toAnswer, toReply } from './exchange.ts'
import type { Exchange } from './exchange.ts'
import { authenticate, checkPermission, refuseKey } from './authentication.ts'
import type { Caller } from './authentication.ts'
import type { Renderer } from './expand.ts'
import type { FormGroup } from './form.ts'
import { Idempotency, checkKeyLength, fingerprintOf, forgetStoredAnswers, isKeepable } from './idempotency.ts'
import type { IdempotentCall } from './idempotency.ts'
import { isKnownAtStripe } from './known-operations.ts'
import type { Operation } from './operation.ts'
import { objectId, list, readShape } from './parameters.ts'
import { RateLimits } from './rate-limits.ts'
import type { RequestLog } from './request-log.ts'
import type { Router } from './router.ts'
import { readVersion, refusesPaymentMethodTypes, versionToEcho } from './versions.ts'

interface Parts {
  readonly world: World
  readonly router: Router
  readonly renderer: Renderer
  readonly faults: Faults
  readonly log: RequestLog
}

const expandParameter = list(objectId())

/** A caller nobody can ask whether it is still there. */
const never = (): Promise<void> => new Promise(() => undefined)

function has(exchange: Exchange, kind: ApiEffect['kind']): boolean {
  return exchange.effects.some((effect) => effect.kind === kind)
}

export class Api {
  readonly #parts: Parts
  readonly #idempotency = new Idempotency()
  readonly #rateLimits = new RateLimits()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async handle(request: SandboxRequest): Promise<SandboxReply> {
    const { world, log } = this.#parts
    const startedAt = performance.now()
    world.runDueTimers()
    const exchange: Exchange = {
      request,
      requestId: world.nextRequestId(),
      caller: undefined,
      version: versionToEcho(request.headers['stripe-version']),
      isReplay: false,
      originalRequest: undefined,
      effects: [],
    }
    const answer = await this.#answer(exchange)
    const reply = toReply(this.#parts.world, exchange, answer)
    log.add({
      id: exchange.requestId,
      at: new Date(world.nowMs()),
      method: request.method,
      path: `${request.url.pathname}${request.url.search}`,
      accountId: exchange.caller?.account.id ?? null,
      mode: exchange.caller?.key.mode ?? null,
      status: reply.hangUp === true ? 0 : reply.status,
      durationMs: Math.round(performance.now() - startedAt),
      idempotencyKey: request.headers['idempotency-key'] ?? null,
      isReplay: exchange.isReplay,
      apiVersion: exchange.version,
      requestBody: request.body.toString('utf8'),
      responseBody: String(reply.body),
      faults: exchange.effects.map((effect) => effect.kind),
    })
    recordTraffic(() => describeExchange(exchange, reply, this.#parts.router))
    return reply
  }

  async #answer(exchange: Exchange): Promise<Answer> {
    try {
      return await this.#proceed(exchange)
    } catch (error) {
      return toAnswer(this.#parts.world, exchange, error)
    }
  }

  async #proceed(exchange: Exchange): Promise<Answer> {
    const { world, faults } = this.#parts
    const { request } = exchange
    const { headers } = request
    exchange.caller = authenticate(world, {
      authorization: headers['authorization'],
      accountHeader: headers['stripe-account'],
    })
    exchange.version = readVersion(headers['stripe-version'])
    const called = { method: request.method, path: request.url.pathname }
    exchange.effects = faults.apiEffects({
      ...called,
      account: exchange.caller.account.id,
      mode: exchange.caller.key.mode,
      name: exchange.requestId,
    })
    if (has(exchange, 'revoke_key')) throw refuseKey(exchange.caller.key.key)
    if (settingsOf(world).rateLimits) this.#rateLimits.check(exchange.caller.space, called)
    const { operation, path } = this.#getOperation(request)
    checkPermission(exchange.caller, operation)
    return this.#once(exchange, { operation, path, form: readForm(request) })
  }

  /** Faults before, the stored answer or the work, faults after. */
  async #once(
    exchange: Exchange,
    task: { operation: Operation; path: Record<string, string>; form: FormGroup },
  ): Promise<Answer> {
    const caller = exchange.caller as Caller
    const sentKey = exchange.request.headers['idempotency-key']
    const key = task.operation.method === 'POST' && sentKey !== '' ? sentKey : undefined
    if (key !== undefined) checkKeyLength(key)
    if (has(exchange, 'forget_idempotency_keys')) forgetStoredAnswers(this.#parts.world, caller.space)
    const fingerprint = fingerprintOf({
      method: task.operation.method,
      path: exchange.request.url.pathname,
      form: task.form,
    })
    const api = exchange.request.url.pathname.startsWith('/v2/') ? 'v2' : 'v1'
    const call = key === undefined ? undefined : ({ space: caller.space, key, fingerprint, api } as const)
    const stored = call === undefined ? undefined : this.#idempotency.find(call)
    if (call !== undefined) this.#idempotency.begin(call)
    const gone = exchange.request.gone ?? never
    try {
      await applyFaultsBefore(exchange.effects, gone)
      if (stored !== undefined) {
        exchange.isReplay = true
        exchange.originalRequest = stored.requestId
        return await applyFaultsAfter(exchange.effects, { status: stored.status, body: stored.body }, gone)
      }
      return await applyFaultsAfter(exchange.effects, this.#execute(exchange, task, call), gone)
    } finally {
      if (call !== undefined) this.#idempotency.finish(call)
    }
  }

  #getOperation(request: SandboxRequest): { operation: Operation; path: Record<string, string> } {
    const { router, log } = this.#parts
    const found = router.find(request.method, request.url.pathname)
    if (found !== undefined) return found
    const name = `${request.method} ${request.url.pathname}`
    if (isKnownAtStripe(request.method, request.url.pathname)) {
      log.addUnsupported(name)
      throw notSupported(name)
    }
    const message = `Unrecognized request URL (${request.method}: ${request.url.pathname}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`
    throw refuse(message, { status: 404 })
  }

  /** Parameters that are refused never began to execute: their answer is not kept. */
  #execute(
    exchange: Exchange,
    task: { operation: Operation; path: Record<string, string>; form: FormGroup },
    call: IdempotentCall | undefined,
  ): Answer {
    const { world } = this.#parts
    const { operation } = task
    const { expand, ...form } = task.form
    if (
      operation.hasPaymentMethodTypes &&
      form['payment_method_types'] !== undefined &&
      refusesPaymentMethodTypes(exchange.version)
    ) {
      throw refuse(
        'The `payment_method_types` parameter is no longer supported. Use `allowed_payment_method_types` instead.',
        {
          code: 'payment_method_types_no_longer_supported',
          param: 'payment_method_types',
        },
      )
    }
    const params = readShape(form, { shape: operation.parameters, unsupported: operation.unsupported })
    const paths = expand === undefined ? [] : expandParameter.read(expand, 'expand')
    world.cause = { requestId: exchange.requestId, idempotencyKey: call?.key ?? null }
    world.faultySearchLagSeconds = exchange.effects.find((effect) => effect.kind === 'search_lag')?.seconds ?? null
    try {
      return world.transaction(() => {
        const answer = this.#run(exchange, { ...task, params, paths })
        return this.#kept(exchange, answer, call)
      })
    } catch (error) {
      if (!(error instanceof StripeRefusal) || !isKeepable(error)) throw error
      return world.transaction(() => this.#kept(exchange, toAnswer(this.#parts.world, exchange, error), call))
    } finally {
      world.cause = null
      world.faultySearchLagSeconds = null
    }
  }

  /** A refusal that keeps its effects becomes the answer of this very transaction; every other one is thrown on. */
  #run(
    exchange: Exchange,
    task: { operation: Operation; path: Record<string, string>; params: unknown; paths: readonly string[] },
  ): Answer {
    const { key, account, space } = exchange.caller as Caller
    try {
      const call = {
        world: this.#parts.world,
        space,
        account,
        key,
        path: task.path,
        params: task.params,
        version: exchange.version,
      }
      const result = task.operation.run(call)
      const body = this.#parts.renderer.render(space, result, { version: exchange.version, expand: task.paths })
      return { status: 200, body: JSON.stringify(body, null, 2) }
    } catch (error) {
      if (error instanceof StripeRefusal && error.keepsEffects) return toAnswer(this.#parts.world, exchange, error)
      throw error
    }
  }

  /** Stores the answer under the key, and first puts a fault's status in its place (500 after effect, kept). */
  #kept(exchange: Exchange, answer: Answer, call: IdempotentCall | undefined): Answer {
    const fault = exchange.effects.find((effect) => effect.kind === 'status_after')
    const shown = fault === undefined ? answer : toAnswer(this.#parts.world, exchange, faultRefusal(fault.status))
    if (call !== undefined) this.#idempotency.keep(call, { ...shown, requestId: exchange.requestId })
    return shown
  }
}
