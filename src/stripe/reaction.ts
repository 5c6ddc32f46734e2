/**
 * What news about one Stripe object means for us, in two halves (architecture §8): `read` asks Stripe while no transaction is open,
 * `apply` locks, judges and writes. The type stands here because reactions live in modules below the inbox that runs them.
 */
import type { Scope } from '#kernel'
import type { ScopedHandle } from '#platform'

/**
 * `foreign`: the object is none of ours (STR-67). `park`: it is ours, and our row is not there yet (STR-68). `quarantine`: what it
 * says about its owner contradicts where it came from (STR-63). `ignore`: nothing can be done with it here, such as when a restricted
 * key may not read it. The texts are shown to the operator.
 */
export type ReactionVerdict =
  | 'done'
  | 'foreign'
  | { readonly park: string }
  | { readonly quarantine: string }
  | { readonly ignore: string }

export type Reaction<Observed> = {
  /** The object as Stripe has it now, or undefined when Stripe does not know it. @throws StripeFault when Stripe did not answer. */
  read(scope: Scope, connectionId: string, objectId: string): Promise<Observed | undefined>
  /** Runs in the transaction that also ends the inbox rows. Being told twice, late or out of order must change nothing. */
  apply(rows: ScopedHandle, connectionId: string, observed: Observed): Promise<ReactionVerdict>
  /** Left out where objects are applied one transaction each. */
  readonly sets?: SetReaction<Observed>
}

/** Several objects of one operator in one transaction (PERF-53): everything is locked before anything is written, in one order. */
export type SetReaction<Observed> = {
  /** Whether this one may stand in a set. */
  fits(observed: Observed): boolean
  /** As `apply` for each. @returns the verdicts in the order of the news. */
  apply(rows: ScopedHandle, news: readonly SetNews<Observed>[]): Promise<readonly ReactionVerdict[]>
}

export type SetNews<Observed> = { readonly connectionId: string; readonly observed: Observed }
