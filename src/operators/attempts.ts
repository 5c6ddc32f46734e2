/**
 * Guessing is made slow, never impossible for the rightful person (TRU-77): after five failures an account waits one second, then two,
 * up to fifteen minutes. A network gets thirty, because a whole office may stand behind one address. What surprises: unknown addresses
 * are counted like known ones, so that the answer does not tell which is which; and a peer on loopback is this machine or a proxy on it, whose
 * address says nothing about who is there, so only the account counts.
 */
import { isIPv6 } from 'node:net'
import { done, type Outcome } from '#kernel'
import { tokenHash, type Clock, type Database } from '#platform'
import { refuseAttempt } from './problems.ts'
import { deleteFailures, insertFailure } from './people-store.ts'

const accountRule = { freeFailures: 5, forgottenAfterMs: 3_600_000 }
const networkRule = { freeFailures: 30, forgottenAfterMs: 900_000 }

export type Attempt = { readonly email: string; readonly address: string }
type Ground = { readonly database: Database; readonly clock: Clock }

/** @returns how often the account failed now, this attempt counted as failed until `recordSuccess` takes it back. */
export async function recordAttempt({ database, clock }: Ground, attempt: Attempt): Promise<Outcome<number>> {
  const at = clock.now()
  const networkHash = networkKey(attempt)
  const network =
    networkHash === undefined ? undefined : await insertFailure(database, { keyHash: networkHash, ...networkRule, at })
  if (network && 'blockedUntil' in network) return refuseAttempt(secondsUntil(network.blockedUntil, at))
  const account = await insertFailure(database, { keyHash: accountKey(attempt.email), ...accountRule, at })
  return 'blockedUntil' in account ? refuseAttempt(secondsUntil(account.blockedUntil, at)) : done(account.failures)
}

export async function recordSuccess({ database }: Ground, attempt: Attempt): Promise<void> {
  const networkHash = networkKey(attempt)
  if (networkHash !== undefined) await deleteFailures(database, networkHash, 'last')
  await forgiveAccount(database, attempt.email)
}

/** Whoever can read the mailbox is not guessing. */
export function forgiveAccount(database: Database, email: string): Promise<void> {
  return deleteFailures(database, accountKey(email), 'all')
}

function accountKey(email: string): string {
  return tokenHash(`account:${email}`)
}

function networkKey({ address }: Attempt): string | undefined {
  const network = networkOf(address)
  const isTelling = network !== '' && network !== '0:0:0:0' && !network.startsWith('127.')
  return isTelling ? tokenHash(`network:${network}`) : undefined
}

/** An IPv4 address stands for itself, an IPv6 address for its /64 (TRU-112). */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped) return mapped[1] ?? address
  if (!isIPv6(address)) return address
  const [head = '', tail = ''] = address.toLowerCase().split('%')[0]?.split('::') ?? []
  const front = head.split(':').filter((part) => part !== '')
  const back = tail.split(':').filter((part) => part !== '')
  const isShort = address.includes('::')
  const groups = isShort
    ? [...front, ...Array.from({ length: 8 - front.length - back.length }, () => '0'), ...back]
    : front
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')
}

/** Where a request came from, as coarse as it may be kept beside a name (TRU-95): the /24 of an IPv4 address, the /64 of an IPv6 one. */
export function networkPrefix(address: string): string {
  const network = networkOf(address)
  if (network === '') return ''
  return network.includes(':') ? `${network}::/64` : `${network.replace(/\.\d+$/, '.0')}/24`
}

function secondsUntil(instant: Date, now: Date): number {
  return Math.max(1, Math.ceil((instant.getTime() - now.getTime()) / 1000))
}
