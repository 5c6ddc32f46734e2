/**
 * What an account's owner does by hand in Stripe's dashboard: the same operations as the API, without a key, without a
 * request log and without faults, so an event of such a deed names no request, as at Stripe.
 */
import { StripeRefusal, refuse, toEnvelope } from '../errors.ts'
import { accountDefaultVersion } from '../facts.ts'
import type { Renderer } from '../protocol/expand.ts'
import { emptyGroup } from '../protocol/form.ts'
import type { FormGroup, FormValue } from '../protocol/form.ts'
import type { Operation } from '../protocol/operation.ts'
import { readShape } from '../protocol/parameters.ts'
import type { Router } from '../protocol/router.ts'
import type { Mode } from '../views.ts'
import type { KeyRecord } from '../world/kinds.ts'
import type { World } from '../world/world.ts'

export interface OwnerParts {
  readonly world: World
  readonly router: Router
  readonly renderer: Renderer
}

export interface OwnerAct {
  readonly account: string
  readonly mode: Mode
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Such as '/v1/refunds'. */
  readonly path: string
  /** As the SDK takes them: numbers, texts, flags, lists and groups. */
  readonly parameters?: Readonly<Record<string, unknown>>
}

export interface OwnerAnswer {
  readonly status: number
  /** Stripe's object, or Stripe's error envelope. */
  readonly body: Readonly<Record<string, unknown>>
}

/** Does what the owner wishes, as one change. Refusals are answered, not thrown; the account must exist. */
export function actAsOwner(parts: OwnerParts, act: OwnerAct): OwnerAnswer {
  const { world } = parts
  world.runDueTimers()
  try {
    return { status: 200, body: world.transaction(() => perform(parts, act)) }
  } catch (error) {
    if (!(error instanceof StripeRefusal)) throw error
    return { status: error.status, body: toEnvelope(error.body, `${world.publicUrl}/_sandbox/requests`) }
  }
}

function perform({ world, router, renderer }: OwnerParts, act: OwnerAct): OwnerAnswer['body'] {
  const found = router.find(act.method, act.path)
  if (found === undefined) throw refuse(`Unrecognized request URL (${act.method}: ${act.path}).`, { status: 404 })
  const result = run({ world, act, operation: found.operation, path: found.path })
  const space = world.space(act.account, act.mode)
  return renderer.render(space, result, { version: accountDefaultVersion, expand: [] }) as OwnerAnswer['body']
}

interface Run {
  readonly world: World
  readonly act: OwnerAct
  readonly operation: Operation
  readonly path: Readonly<Record<string, string>>
}

function run({ world, act, operation, path }: Run): ReturnType<Operation['run']> {
  const { account, mode } = act
  const key: KeyRecord = { key: 'dashboard', account, mode, kind: 'secret', state: 'active', permissions: [] }
  const { parameters: shape, unsupported } = operation
  return operation.run({
    world,
    space: world.space(account, mode),
    account: world.root.get('account', account),
    key,
    path,
    params: readShape(toForm(act.parameters ?? {}), { shape, unsupported }),
    version: accountDefaultVersion,
  })
}

/** Values as a form carries them: everything is text in the end. */
function toForm(given: Readonly<Record<string, unknown>>): FormGroup {
  return Object.assign(
    emptyGroup(),
    Object.fromEntries(
      Object.entries(given)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => [name, toFormValue(value)]),
    ),
  )
}

function toFormValue(value: unknown): FormValue {
  if (Array.isArray(value)) return value.map(toFormValue)
  if (typeof value === 'object' && value !== null) return toForm(value as Readonly<Record<string, unknown>>)
  return value === null ? '' : String(value)
}
