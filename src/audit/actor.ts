/**
 * Who acts. The HTTP side says it once per request and deeds need not hand it on: what is written while the request is answered is theirs.
 * What surprises: work that no request asked for, such as a job, has nobody here.
 */
import { AsyncLocalStorage } from 'node:async_hooks'

/** `visitor` is whoever came by a link or was not signed in yet. */
export type Actor = {
  readonly kind: 'person' | 'visitor'
  readonly id: string
  readonly name: string
  readonly sessionId: string
  /** The network the request came from, never the whole address. */
  readonly ipPrefix: string
  readonly requestId: string
}

const present = new AsyncLocalStorage<Actor>()

/** What is noted inside `work` is noted as this actor's; the inner of two wins. */
export function actAs<Result>(actor: Actor, work: () => Promise<Result>): Promise<Result> {
  return present.run(actor, work)
}

export function presentActor(): Actor | undefined {
  return present.getStore()
}
