/**
 * Judges what went over the wire against the contract: each request the product made, each answer and each event the sandbox
 * gave. A finding says where, what and in whose test. Nothing here knows the sandbox: the same judge could sit in front of
 * Stripe itself.
 */
import Stripe from 'stripe'
import type { Contract } from '../derive/document.ts'
import type { Operation } from '../derive/operations.ts'
import type { Schema } from '../derive/schemas.ts'
import { exceptions } from './exceptions.ts'
import type { Exception } from './exceptions.ts'
import { checkEnvelope } from './envelope.ts'
import { decode, parseForm } from './form.ts'
import type { Form } from './form.ts'
import { OperationFinder } from './operation-finder.ts'
import { lastVersionWithRemovedFields, removedFields, removedParameters } from './tables.ts'
import { isThinEvent, judgeThinEvent } from './thin-event.ts'
import { Validators } from './validators.ts'
import type { Fault, Sight } from './validators.ts'

export type Exchange = {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly request: { readonly headers: Readonly<Record<string, string>>; readonly body: string }
  readonly answer: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
  }
}

export type Delivery = {
  readonly body: string
  readonly signature: string
  /** The secrets that are valid for the endpoint. */
  readonly secrets: readonly string[]
  /** When it was sent, in seconds. */
  readonly at: number
}

export type Finding = {
  readonly about: 'operation' | 'request' | 'answer' | 'event' | 'signature'
  /** Method and path with `{id}` places, or the type of the event. */
  readonly where: string
  readonly path: string
  readonly problem: string
}

export type Wishes = {
  /** False for requests that are wrong on purpose. */
  readonly isRequestJudged: boolean
}

export class Judge {
  readonly #contract: Contract
  readonly #validators: Validators
  readonly #finder: OperationFinder

  constructor(contract: Contract) {
    this.#contract = contract
    this.#validators = new Validators(contract.components.schemas)
    this.#finder = new OperationFinder(contract.paths)
  }

  judgeExchange(exchange: Exchange, wishes: Wishes): readonly Finding[] {
    const { method, answer } = exchange
    const url = new URL(exchange.path, 'http://stripe.invalid')
    const found = this.#finder.find(method, url.pathname)
    const where = `${method} ${found?.path ?? url.pathname}`
    const say = (about: Finding['about'], faults: readonly Fault[]): Finding[] =>
      faults.map(({ path, problem }) => ({ about, where, path, problem })).filter((one) => !isExcepted(one))
    const isJudged = wishes.isRequestJudged
    const request = isJudged ? checkRequestHeaders(exchange) : []
    const unknown = found === undefined && (isJudged || answer.status < 400)
    const path = unknown ? [faultAt('', 'is an operation the contract does not know')] : []
    const parameters = found !== undefined && isJudged ? this.#checkParameters(exchange, found.operation, url) : []
    return [
      ...say('operation', path),
      ...say('request', [...request, ...parameters]),
      ...say('answer', [...checkAnswerHeaders(exchange), ...this.#checkAnswer(exchange, found?.operation, url)]),
    ]
  }

  /** @param event as parsed from a delivery or from anywhere else an event is shown. */
  judgeEvent(event: unknown): readonly Finding[] {
    const { type, api_version: version } = (event ?? {}) as { type?: unknown; api_version?: unknown }
    const isThin = (event as { object?: unknown } | null)?.object === 'v2.core.event'
    const schema = isThin ? thinEvent : this.#contract['x-events'][String(type)]
    const where = String(type)
    if (schema === undefined)
      return [{ about: 'event', where, path: '/type', problem: 'is a type of event the contract does not know' }]
    const sight: Sight = { expanded: [] }
    const faults = this.#allow(this.#validators.check(schema, event, sight), String(version))
    const expanded = sight.expanded.map((path) => faultAt(path, 'is expanded, and events never are'))
    return [...faults, ...expanded]
      .map(({ path, problem }): Finding => ({ about: 'event', where, path, problem }))
      .filter((one) => !isExcepted(one))
  }

  judgeDelivery(delivery: Delivery): readonly Finding[] {
    const event = parse(delivery.body)
    const where = String((event as { type?: unknown } | undefined)?.type)
    const isSigned = delivery.secrets.some((secret) => isSignedWith(delivery, secret))
    const problem = 'is not signed with a secret of the endpoint, or not now'
    const signature: Finding[] = isSigned ? [] : [{ about: 'signature', where, path: '', problem }]
    return [...signature, ...(isThinEvent(event) ? this.#judgeThin(event) : this.judgeEvent(event))]
  }

  #judgeThin(event: Record<string, unknown>): readonly Finding[] {
    const knowsType = (type: string) => this.#contract['x-events'][type] !== undefined
    return judgeThinEvent(event, knowsType).map((fault) => ({ about: 'event', where: String(event['type']), ...fault }))
  }

  /** Fields that an old version still shows are no fault there (SBX-12). */
  #allow(faults: readonly Fault[], version: string): readonly Fault[] {
    if (!/^\d/.test(version) || version.slice(0, 10) > lastVersionWithRemovedFields) return faults
    return faults.filter(
      ({ component, field, problem }) =>
        !(field !== undefined && problem !== 'is missing' && removedFields[component]?.includes(field)),
    )
  }

  #checkParameters({ request, method }: Exchange, operation: Operation, url: URL): readonly Fault[] {
    const type = request.headers['content-type'] ?? ''
    if (type.startsWith('multipart/')) return []
    const schema = operation.parameters ?? noParameters
    const isJson = url.pathname.startsWith('/v2/') && method === 'POST'
    if (isJson) return this.#validators.check(schema, parse(request.body) ?? {})
    const form: Form = { ...parseForm(url.search), ...(method === 'GET' ? {} : parseForm(request.body)) }
    const faults = this.#validators.check(schema, decode(form, schema, this.#validators))
    const version = request.headers['stripe-version'] ?? ''
    // The address of a next page carries `page`, which no method takes.
    const isPage = (field: string | undefined): boolean => field === 'page' && url.pathname.startsWith('/v2/')
    return faults.filter(({ component, field }) => !isPage(field) && !isOfOldVersion({ component, field, version }))
  }

  #checkAnswer(exchange: Exchange, operation: Operation | undefined, url: URL): readonly Fault[] {
    const { status, body: text, headers } = exchange.answer
    const body = parse(text)
    const version = headers['stripe-version'] ?? ''
    if (status >= 400) {
      const around = { path: url.pathname, contract: this.#contract, validators: this.#validators }
      return this.#allow(checkEnvelope(status, body, around), version)
    }
    if (body === undefined) return [faultAt('', 'is no JSON')]
    if (operation === undefined) return []
    const sight: Sight = { expanded: [] }
    const faults = this.#allow(this.#validators.check(operation.answer, body, sight), version)
    const form = { ...parseForm(url.search), ...parseForm(exchange.request.body) }
    return [...faults, ...checkExpansion(body, sight, Object.values(form['expand'] ?? {}).map(String))]
  }
}

const noParameters: Schema = {
  type: 'object',
  properties: { expand: { type: 'array', items: { type: 'string' } } },
  required: [],
  additionalProperties: false,
}

/** What a v2 destination is told: what happened and where to read it. The declarations know only what the SDK makes of it. */
const thinEvent: Schema = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    object: { const: 'v2.core.event' },
    type: { type: 'string' },
    created: { type: 'string' },
    livemode: { type: 'boolean' },
    context: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    reason: {},
    related_object: {
      anyOf: [
        { type: 'null' },
        {
          type: 'object',
          properties: { id: { type: 'string' }, type: { type: 'string' }, url: { type: 'string' } },
          required: ['id', 'type', 'url'],
          additionalProperties: false,
        },
      ],
    },
  },
  required: ['id', 'object', 'type', 'created', 'livemode'],
  additionalProperties: false,
}

function faultAt(path: string, problem: string): Fault {
  return { path, problem, component: '' }
}

/** A request that names no version is one of an account of some age. */
function isOfOldVersion(place: { component: string; field: string | undefined; version: string }): boolean {
  return removedParameters.some(
    ({ name, ofType, until }) =>
      place.field === name && ofType.test(place.component) && place.version.slice(0, 10) < until,
  )
}

function isExcepted(finding: Finding): boolean {
  return exceptions.some(
    ({ about, where, path }: Exception) =>
      about === finding.about && where.test(finding.where) && (path === undefined || path.test(finding.path)),
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function isSignedWith({ body, signature, at }: Delivery, secret: string): boolean {
  const tolerance = 300
  try {
    const verifier = Stripe.webhooks.signature
    if (verifier === null) throw new Error('this release of the SDK verifies no signatures')
    verifier.verifyHeader(body, signature, secret, tolerance, undefined, at * 1000)
    // The SDK refuses what is too old, and takes what was signed in the future.
    const signedAt = Number(/(?:^|,)t=(\d+)/.exec(signature)?.[1])
    return signedAt <= at + tolerance
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) return false
    throw error
  }
}

function checkRequestHeaders({ method, path, request }: Exchange): readonly Fault[] {
  const { 'content-type': type = '', 'stripe-account': account } = request.headers
  const faults: Fault[] = []
  if (account !== undefined && !/^acct_[A-Za-z0-9]+$/.test(account))
    faults.push(faultAt('Stripe-Account', `is no account: ${JSON.stringify(account)}`))
  const isForm = /^(?:application\/x-www-form-urlencoded|multipart\/form-data)\b/.test(type)
  if (method === 'POST' && path.startsWith('/v1/') && request.body !== '' && !isForm)
    faults.push(faultAt('Content-Type', `must be a form, and is ${JSON.stringify(type)}`))
  return faults
}

/** What Stripe repeats and adds on every answer (SBX-13). */
function checkAnswerHeaders({ request, answer }: Exchange): readonly Fault[] {
  const faults: Fault[] = []
  const { headers } = answer
  if (headers['request-id']?.startsWith('req_') !== true)
    faults.push(faultAt('Request-Id', 'is missing or is no request id'))
  for (const name of ['stripe-account', 'idempotency-key']) {
    const sent = request.headers[name]
    if (sent !== undefined && headers[name] !== sent) faults.push(faultAt(name, 'is not repeated in the answer'))
  }
  const version = request.headers['stripe-version']
  if (version !== undefined && answer.status < 400 && headers['stripe-version'] !== version)
    faults.push(faultAt('stripe-version', `is not repeated in the answer: asked ${version}`))
  return faults
}

/** What was asked to be expanded is an object, and nothing else is. */
function checkExpansion(body: unknown, sight: Sight, asked: readonly string[]): readonly Fault[] {
  const wanted = new Set(asked.flatMap((path) => path.split('.').map((_, end, all) => all.slice(0, end + 1).join('.'))))
  const unasked = sight.expanded
    .filter(
      (path) =>
        !wanted.has(
          path
            .replace(/\/\d+(?=\/)/g, '')
            .slice(1)
            .replaceAll('/', '.'),
        ),
    )
    .map((path) => faultAt(path, 'is expanded, and nobody asked for it'))
  const ids = asked.flatMap((path) => findTexts(body, path.split('.')).map((id) => ({ path, id })))
  return [...unasked, ...ids.map(({ path, id }) => faultAt(`/${path}`, `is ${id}, and was asked to be expanded`))]
}

function findTexts(value: unknown, path: readonly string[]): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one) => findTexts(one, path))
  const [head, ...rest] = path
  if (head === undefined) return typeof value === 'string' ? [value] : []
  return typeof value === 'object' && value !== null ? findTexts((value as Record<string, unknown>)[head], rest) : []
}
