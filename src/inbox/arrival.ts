/**
 * What a verified body is before any work is done on it: an event to process, or one that rests at once with its reason (STR-55,
 * STR-63, STR-64, STR-69). Pure, and asked again by Replay. What surprises: the body is believed in nothing that matters. The
 * operator is whoever's secret signed it, and an account of another name in the body is never taken for theirs, because the owner of
 * a secret can sign anything.
 */
import type { Mode } from '#kernel'
import type { ArrivalState } from './inbox-state.ts'
import { metadataIn, type StripeEvent } from './parse-event.ts'
import { findSubject } from './routes.ts'

/** Whose secret signed the delivery. */
export type Signer = {
  readonly operatorId: string
  readonly mode: Mode
  readonly connectionId: string
  /** Unknown while the key may not read its own account. */
  readonly accountId: string | undefined
}

export type Arrival = {
  readonly state: ArrivalState
  /** One sentence for the operator; empty for `received`. */
  readonly reason: string
  readonly objectKind: string
  readonly objectId: string
}

/** By which endpoint of ours it came: an operator's own, or one of the two of the installation (STR-40). */
export type EndpointKind = 'own' | 'platform' | 'connect'

/** An event with everything its row holds. */
export type NewEvent = Arrival & {
  readonly id: string
  readonly sourceAccount: string
  /** Undefined, as the connection, while nobody has connected the account it is about. */
  readonly operatorId: string | undefined
  readonly mode: Mode
  readonly connectionId: string | undefined
  readonly endpoint: EndpointKind
  readonly eventId: string
  readonly type: string
  readonly apiVersion: string
  readonly via: 'delivery' | 'poll'
  readonly receivedAt: Date
  readonly body: Uint8Array
}

const unreadableReason =
  'Unreadable: the signature was right, and the body is not an event Rentroll can read. Look at the payload; if Stripe sent it, report it.'

export function judgeArrival(event: StripeEvent | undefined, signer: Signer): Arrival {
  if (!event) return { state: 'dead', reason: unreadableReason, objectKind: '', objectId: '' }
  const about = { objectKind: event.objectKind, objectId: event.objectId }
  const rest = (state: ArrivalState, reason: string): Arrival => ({ state, reason, ...about })

  if (isForeignAccount(event, signer))
    return rest(
      'ignored_foreign',
      `It is about the account ${event.account}, which this connection does not speak for.`,
    )
  if (event.isLive !== undefined && event.isLive !== (signer.mode === 'live')) {
    return rest(
      'ignored_mode',
      `It is a ${event.isLive ? 'live' : 'test'} event, sent to the endpoint of ${signer.mode} mode.`,
    )
  }
  const { rentroll_operator: named } = metadataIn(event)
  if (named !== undefined && named !== signer.operatorId) {
    return rest(
      'quarantined',
      'Its metadata names another workspace than the one whose endpoint it came to. Nothing was changed.',
    )
  }
  const subject = findSubject(event)
  if ('ignored' in subject) return rest('ignored_unhandled', subject.ignored)
  if ('foreign' in subject) return rest('ignored_foreign', subject.foreign)
  return { state: 'received', reason: '', objectKind: subject.kind, objectId: subject.id }
}

function isForeignAccount({ account }: StripeEvent, { accountId }: Signer): boolean {
  return account !== undefined && accountId !== undefined && account !== accountId
}

/** Within which account the event id and the object id have their meaning (STR-62). */
export function sourceAccountOf(event: StripeEvent | undefined, signer: Signer): string {
  const isOwn = signer.accountId !== undefined && !(event && isForeignAccount(event, signer))
  return isOwn && signer.accountId !== undefined ? signer.accountId : `own:${signer.connectionId}`
}
