/**
 * Every operation of the HTTP API as /openapi.json tells it, and how to send each one something it accepts. The walker, the cross-site
 * story and the hostile strings all go through this list, so an operation nobody can drive fails all of them (TRU-282).
 */
import { expect } from 'vitest'
import { requestKey, type Product, type Session } from '#test/product'
import type { World } from './world.ts'

export type JsonSchema = {
  readonly type?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: boolean | JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly enum?: readonly string[]
}

export type Operation = {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** As the document has it, such as `/api/v1/w/{slug}/invoices/{invoiceId}`. */
  readonly path: string
  /** Method and path after the operator, such as `POST /invoices/{invoiceId}/void`; also what a recipe is found by. */
  readonly name: string
  readonly access: string
  readonly body?: JsonSchema
  readonly filters: readonly string[]
}

const underOperator = '/api/v1/w/{slug}'

export async function readOperations(product: Product): Promise<readonly Operation[]> {
  const document = (await (await fetch(`${product.origin}/openapi.json`)).json()) as any
  return Object.entries<any>(document.paths).flatMap(([path, methods]) =>
    Object.entries<any>(methods).map(([method, operation]): Operation => {
      const body = operation.requestBody?.content['application/json'].schema
      const verb = method.toUpperCase() as Operation['method']
      return {
        method: verb,
        path,
        name: `${verb} ${path.startsWith(underOperator) ? path.slice(underOperator.length) : path}`,
        access: operation['x-permission'],
        ...(body && { body }),
        filters: (operation.parameters ?? []).filter((one: any) => one.in === 'query').map((one: any) => one.name),
      }
    }),
  )
}

export function isUnderOperator({ path }: Operation): boolean {
  return path.startsWith(`${underOperator}/`)
}

type Recipe = (world: World) => object

const checkOutWish = (world: World) => ({
  spaceId: world.spaceId,
  interval: 'month',
  startOn: world.today,
  deposit: 'standard',
  renterId: world.renterId,
  rateOverride: { price: '90.00', reason: 'Long stay' },
})

const renterDetails = {
  kind: 'company',
  name: 'Kim Park',
  businessName: 'Park Pty Ltd',
  email: 'kim@park.example',
  phone: '1234',
  billingAddress: '1 Pier',
  taxNumber: '12',
}

/** A body each operation understands. Those without one take none. */
const recipes: Readonly<Record<string, Recipe>> = {
  'POST /api/v1/sign-up': () => ({ name: 'Kim Park', email: 'kim@park.example', slug: 'kim-park' }),
  'POST /api/v1/sign-up/resend': () => ({ token: 'x'.repeat(43) }),
  'POST /api/v1/verify-email': () => ({
    token: 'x'.repeat(43),
    password: 'correct horse battery',
    country: 'AU',
    currency: 'AUD',
    timeZone: 'Australia/Sydney',
  }),
  'POST /api/v1/sign-in': () => ({ email: 'kim@park.example', password: 'correct horse battery' }),
  'POST /api/v1/forgotten-password': () => ({ email: 'kim@park.example' }),
  'POST /api/v1/reset-password': () => ({ token: 'x'.repeat(43), password: 'correct horse battery' }),
  'POST /api/v1/me/password': () => ({ present: 'not the present one', password: 'correct horse battery' }),
  'PUT /settings/company': (world) => ({
    name: 'Kim Desks',
    legalName: 'Kim Desks Pty Ltd',
    contactEmail: 'kim@park.example',
    phone: '1234',
    address: '1 Pier',
    taxNumber: '12',
    country: 'AU',
    currency: 'AUD',
    timeZone: 'Australia/Sydney',
    locale: 'en-AU',
    version: world.companyVersion,
  }),
  'PUT /settings/billing-rules': () => ({ preset: 'coworking', anchorDay: 1 }),
  'POST /onboarding/steps/{step}': () => ({ mark: 'skipped' }),
  'POST /settings/tax-rates': () => ({ name: 'VAT', percent: '7.25', treatment: 'taxable' }),
  'POST /categories': (world) => ({
    code: world.draw('C'),
    name: 'Lockers',
    priceBasis: 'period_price',
    periodPrices: { month: '80.00' },
    dailyRate: '5.00',
    deposit: '0.00',
    taxRateId: world.taxRateId,
  }),
  'POST /spaces': (world) => ({ categoryId: world.categoryId, number: world.draw('N'), title: 'By the window' }),
  'POST /renters': () => renterDetails,
  'PUT /renters/{renterId}': (world) => ({ ...renterDetails, version: world.renterVersion }),
  'POST /agreements': () => ({ title: 'Terms', content: 'You rent {{space.number}}.' }),
  'POST /leases/{leaseId}/cancel': () => ({ reason: 'Changed their mind' }),
  'POST /check-out/preview': checkOutWish,
  'POST /check-out': (world) => ({
    ...checkOutWish(world),
    requestKey: requestKey(),
    acceptance: { name: 'Kim Park' },
    previewHash: 'a'.repeat(64),
  }),
  'POST /invoices/{invoiceId}/take-payment': (world) => ({ requestKey: requestKey(), methodId: world.methodId }),
  'POST /invoices/{invoiceId}/record-payment': (world) => ({
    requestKey: requestKey(),
    amount: '0.01',
    method: 'cash',
    reference: 'Till 1',
    receivedOn: world.today,
  }),
  'POST /invoices/{invoiceId}/refund': (world) => ({
    requestKey: requestKey(),
    paymentId: world.paymentId,
    amount: '0.01',
    reason: 'Too warm',
  }),
  'POST /invoices/{invoiceId}/refunds/{refundId}': () => ({ decision: 'wait' }),
  'POST /diagnosis/refund': (world) => ({ refundId: world.refundId, decision: 'wait' }),
  'POST /invoices/{invoiceId}/void': () => ({ reason: 'Wrong space' }),
  'POST /renters/{renterId}/setup': () => ({ requestKey: requestKey(), returnTo: '/w/kim-park/renters' }),
  'PUT /connections/stripe': (world) => ({
    publishableKey: world.keys.publishableKey,
    secretKey: world.keys.secretKey,
    accountId: '',
    webhookSecret: '',
  }),
  'POST /connections/stripe/endpoint': () => ({ isFresh: false }),
  'POST /connections/test-payment': () => ({ requestKey: requestKey() }),
  'POST /connections/stripe/disconnect': () => ({ word: 'disconnect' }),
  'POST /connections/stripe/switch': (world) => ({
    publishableKey: world.keys.publishableKey,
    secretKey: world.keys.secretKey,
    accountId: '',
    webhookSecret: '',
    word: 'switch',
  }),
  'POST /api/v1/method-links/{token}/setup': () => ({ requestKey: requestKey() }),
  'POST /connect/account': () => ({
    country: 'AU',
    currency: 'AUD',
    businessType: 'company',
    email: 'kim@park.example',
  }),
  'POST /connect/disconnect': () => ({ word: 'disconnect' }),
  'PUT /connections/charging': () => ({ kind: 'own_keys' }),
  'POST /api/v1/step-up': () => ({ method: 'password', password: 'not the password' }),
  'POST /api/v1/connect/resume/{token}/pass': () => ({ code: '000000' }),
  'POST /api/v1/connect/return': () => ({ connection: `con_${'0'.repeat(32)}` }),
  'POST /webhooks/endpoints/{endpointId}/rotations': () => ({
    path: 'paste',
    webhookSecret: `whsec_${'r'.repeat(32)}`,
    overlapHours: 24,
  }),
  'POST /webhooks/events/replay-dead': () => ({ reason: 'Nothing was given up for this reason.' }),
  'POST /webhooks/events/{eventId}/dismiss': () => ({ note: 'Seen in Stripe, nothing to do' }),
  'PUT /payouts/schedule': () => ({ interval: 'weekly', weeklyDays: ['friday'], monthlyDays: [] }),
  'POST /api/v1/installation/dead-letters/{letterId}/dismiss': () => ({ note: 'Seen in Stripe, nothing to do' }),
  'PUT /connections/stripe/webhook-secret': () => ({ webhookSecret: `whsec_${'f'.repeat(32)}` }),
}

/** The invoice each operation is about; the open one where nothing is said. */
const paidInvoice = new Set([
  'POST /invoices/{invoiceId}/refund',
  'GET /invoices/{invoiceId}/payments/{paymentId}/refund-funds',
  'POST /invoices/{invoiceId}/refunds/{refundId}',
  'POST /invoices/{invoiceId}/refunds/{refundId}/retry',
  'POST /invoices/{invoiceId}/check-again',
])

/** What stands in the braces of a path. @throws for a name nobody knows: then the operation cannot be driven. */
function readParameter(name: string, { operation, world }: { operation: Operation; world: World }): string {
  if (name === 'mode') return 'test'
  if (name === 'kind') return 'connect'
  if (name === 'letterId') return world.eventId
  if (name === 'invoiceId') return paidInvoice.has(operation.name) ? world.paidInvoiceId : world.openInvoiceId
  const value = (world as unknown as Record<string, unknown>)[name]
  if (typeof value !== 'string') throw new Error(`${operation.name}: nothing is known for {${name}}`)
  return value
}

export type Driven = { readonly operation: Operation; readonly path: string; readonly body?: any }

/** A request the operation understands, about things of this world. @throws when the operation cannot be driven. */
export function drive(operation: Operation, world: World): Driven {
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => readParameter(name, { operation, world }))
  const recipe = recipes[operation.name]
  if (operation.body && !recipe) throw new Error(`${operation.name}: there is no body for it`)
  const body = recipe?.(world)
  if (!operation.path.endsWith('/stream')) return { operation, path, ...(body && { body }) }
  return { operation, path: `${path}?operator=${world.slug}&mode=test` }
}

/** A recipe nobody needs any more would hide that an operation was renamed. */
export function expectRecipesToFit(operations: readonly Operation[]): void {
  const named = operations.filter(({ body }) => body).map(({ name }) => name)
  expect(Object.keys(recipes).toSorted()).toEqual(named.toSorted())
}

export type Answer = { readonly status: number; readonly headers: Headers; readonly text: string; readonly body: any }

/** One request with nothing a browser would add by itself, except what is given here. */
export async function send(
  product: Product,
  { operation, path, body }: Driven,
  options: { as?: Session | undefined; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const { as, headers } = options
  const reply = await fetch(`${product.origin}${path}`, {
    method: operation.method,
    redirect: 'manual',
    signal: AbortSignal.timeout(15_000),
    headers: {
      Origin: product.origin,
      ...(as && { Cookie: as.cookie }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const isStream = reply.headers.get('content-type')?.startsWith('text/event-stream')
  if (isStream) await reply.body?.cancel()
  const text = isStream ? '' : await reply.text()
  return {
    status: reply.status,
    headers: reply.headers,
    text,
    body: /json/.test(reply.headers.get('content-type') ?? '') ? JSON.parse(text) : undefined,
  }
}
