/**
 * What every route is given and what a route file looks like. A route file exports one function of the context that returns an
 * `operatorApp()` with its operations chained, so that the typed client knows them; `settings.ts` is the example. What surprises:
 * the permission is enforced from the route's own `x-permission`, and the application does not start when one is missing.
 */
import { parseId, type IdKind, type Mode, type OperatorId, type Scope, type Uuid } from '#kernel'
import type { InstallationSecrets } from '#endpoints'
import type { People, Role, Visit } from '#operators'
import type { Clock, Database, Jobs, Logs, Mailer, SecretBox } from '#platform'
import type { StripeGateway } from '#stripe'
import type { Receiver } from '#webhooks'
import { OpenAPIHono, z } from '@hono/zod-openapi'
import type { Metrics } from './observe.ts'
import { explainInput } from './problems.ts'
import type { Drain } from './server.ts'

export type ApiContext = {
  readonly database: Database
  readonly clock: Clock
  /** What waits in the queue, for diagnosis. */
  readonly jobs: Pick<Jobs, 'outlook'>
  readonly logs: Logs
  readonly box: SecretBox
  readonly mailer: Mailer
  readonly people: People
  readonly stripe: StripeGateway
  /** Keeps what Stripe delivers. */
  readonly receiver: Receiver
  /** Signing secrets of the installation's own endpoints, from the environment. */
  readonly installationSecrets?: InstallationSecrets
  /** There is something to do in the inbox, such as a replay: look now instead of at the next poll. */
  readonly wakeInbox: () => void
  readonly metrics: Metrics
  readonly drain: Drain
  /** Base of every link, without a slash at its end: `https://rentroll.example.org`. */
  readonly publicUrl: string
  readonly isSandboxOn: boolean
  /** Where the sandbox's hosted pages live, such as `http://127.0.0.1:3001`; undefined when it is off. */
  readonly sandboxOrigin: string | undefined
  /** Whether the operator has a finalised invoice in either mode: then its currency is fixed. Supplied by the wiring from billing. */
  readonly hasFinalisedInvoice: (operatorId: OperatorId) => Promise<boolean>
  /** The mode of an address that names none: test until a live connection first takes payments (UI-3). Supplied from connections. */
  readonly findDefaultMode: (operatorId: OperatorId) => Promise<Mode>
  /** Folder of the built screens, with a slash at its end. */
  readonly distFolder: URL
}

/** Every request has an id, shown in problems and in the logs. */
export type PublicEnv = { Variables: { requestId: string; visit?: Visit } }

/** Under `/api/v1/w/{slug}/` there is always a person, their operator and a scope. */
export type OperatorEnv = {
  Variables: PublicEnv['Variables'] & {
    scope: Scope
    person: { readonly id: string; readonly name: string; readonly role: Role }
    operator: { readonly id: Uuid; readonly slug: string; readonly name: string }
  }
}

/** An empty set of operations for `/api/v1/w/{slug}/…`; paths inside start after the slug. */
export function operatorApp() {
  return new OpenAPIHono<OperatorEnv>({ defaultHook: explainInput })
}

/** An empty set of operations that need no operator; paths inside start after `/api/v1`. */
export function publicApp() {
  return new OpenAPIHono<PublicEnv>({ defaultHook: explainInput })
}

/** A prefixed id in a path, handed to the route as its uuid. Of another kind or malformed: 404, like an unknown one. */
export function idOf(kind: IdKind) {
  return z.string().transform((text, check) => {
    const id = parseId(kind, text)
    if (id !== undefined) return id
    check.addIssue({ code: 'custom', message: `There is no ${kind} with this id.` })
    return z.NEVER
  })
}

/** Path parameters of an operation under a slug: `inOperator({ invoiceId: idOf('invoice') })`. */
export function inOperator<Shape extends z.ZodRawShape>(ids: Shape) {
  return z.strictObject({ slug: z.string(), ...ids })
}

const mode = z.enum(['test', 'live'], 'Choose test or live.').optional()

/** Query of an operation under a slug; the mode itself is read before the route and stands in `c.var.scope`. */
export function withMode<Shape extends z.ZodRawShape>(parts: Shape) {
  return z.strictObject({ mode, ...parts })
}

/** Amounts travel as integers in strings (STK-65). */
export const moneySchema = z.strictObject({
  amountMinor: z.string().regex(/^-?\d{1,18}$/, 'Enter the amount as a whole number of minor units.'),
  currency: z.string().regex(/^[A-Z]{3}$/, 'Enter a currency code of three letters.'),
})

/** A JSON body that must be there. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { content: { 'application/json': { schema } }, required: true as const }
}

/** A JSON answer with its meaning. */
export function jsonAnswer<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { content: { 'application/json': { schema } }, description }
}
