/**
 * One thing the API can do, as data: method, path, permission, parameters, and the function that does it. Each file under
 * objects/ exports one module of operations; the router, the permission check and the generated tables read nothing else.
 */
import type { KeyRecord, Kind, Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import type { TimerAction, World } from '../world/world.ts'
import type { Shape, Values } from './parameters.ts'

export interface Call<P> {
  readonly world: World
  readonly space: Space
  readonly account: Row<'account'>
  readonly key: KeyRecord
  /** The `:name` segments of the path. */
  readonly path: Readonly<Record<string, string>>
  readonly params: P
  readonly version: string
}

/** What an operation answers: one object, a page of objects, or a plain value such as a deletion. */
export type Result =
  | { readonly as: 'object'; readonly row: Row; readonly extra?: Readonly<Record<string, unknown>> }
  | {
      readonly as: 'page'
      readonly rows: readonly Row[]
      readonly hasMore: boolean
      readonly url: string
      /** Only for a search: its page is written otherwise than a list's. */
      readonly search?: { readonly nextPage: string | null; count(): number }
    }
  | { readonly as: 'plain'; readonly value: Readonly<Record<string, unknown>> }

export function shown(row: Row, extra?: Readonly<Record<string, unknown>>): Result {
  return { as: 'object', row, ...(extra !== undefined && { extra }) }
}

export function plain(value: object): Result {
  return { as: 'plain', value: value as Readonly<Record<string, unknown>> }
}

export interface Operation {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  /** Name of the restricted-key permission, such as 'payment_intent_write'. */
  readonly permission: string
  /** When true a publishable key may call it; the operation itself asks for the client secret where one is needed. */
  readonly allowsPublishable: boolean
  /** When true `payment_method_types` is refused from the version on that dropped it (SBX-12). */
  readonly hasPaymentMethodTypes: boolean
  readonly parameters: Shape
  readonly unsupported: readonly string[]
  // oxlint-disable-next-line typescript/no-explicit-any -- the shape was checked against `run` where the operation was made
  run(call: Call<any>): Result
}

interface Definition<S extends Shape> {
  readonly method: Operation['method']
  readonly path: string
  readonly permission: string
  readonly allowsPublishable?: boolean
  readonly hasPaymentMethodTypes?: boolean
  readonly parameters: S
  readonly unsupported?: readonly string[]
  run(call: Call<Values<S>>): Result
}

export function operation<S extends Shape>(definition: Definition<S>): Operation {
  return { allowsPublishable: false, hasPaymentMethodTypes: false, unsupported: [], ...definition }
}

/** How a field of an object can be expanded: to the object of that kind, by the prefix of its id, or by a function. */
export type Expansion = Kind | 'by_prefix' | ((space: Space, id: string) => unknown)

export interface ObjectModule {
  readonly operations: readonly Operation[]
  /** Per kind, the fields that hold ids (dotted where nested) and the parts that appear only when asked for. */
  readonly expansions?: Readonly<Partial<Record<Kind, Readonly<Record<string, Expansion>>>>>
  /** Kinds whose reply has a part that is counted when it is shown, such as an event's pending deliveries. */
  readonly presentations?: Readonly<Partial<Record<Kind, (space: Space, row: Row) => object>>>
  /** How ids of these kinds begin, for fields that may hold an id of several kinds. */
  readonly prefixes?: Readonly<Record<string, Kind>>
  readonly timers?: Readonly<Record<string, TimerAction>>
  /** What follows in this module when an event of that type is told, in the same transaction; with the object's id. */
  readonly listeners?: Readonly<Record<string, TimerAction>>
}
