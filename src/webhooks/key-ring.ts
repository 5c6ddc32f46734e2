/**
 * Which secrets take part at an address, ready for use (STR-52, STR-53, STR-57). They are read again every half second, while
 * deliveries go on with what was read before, so a new one works in every process before anybody could have typed the next, and sooner where a delivery
 * needs it; none is used a second after it was read, and one whose time is over is out on the second, whatever was read. What surprises: how
 * many slots an address has depends on what was read, never on the request or on the hour.
 */
import { candidateSecrets, type CandidateSecret } from '#connections'
import { listInstallationSecrets } from '#installation'
import { newToken, type Clock, type Database, type SecretBox } from '#platform'
import type { HmacKey } from './hmac.ts'
import { drawFillers, fillSlots, type Fillers } from './signature.ts'

/** Whose secret it is: an operator's, or that of one of the two endpoints of the installation (STR-43). */
export type RingOwner =
  | Omit<CandidateSecret, 'secret'>
  | { readonly installation: 'platform' | 'connect'; readonly endpointId: string | undefined }

export type Ring = {
  readonly slots: readonly HmacKey[]
  readonly owners: readonly RingOwner[]
  readonly fillers: Fillers
}

export type InstallationSecrets = {
  readonly platform?: string | undefined
  readonly connect?: string | undefined
}

export type KeyRing = {
  /** The ring where it was read within the last second. Once it is older than half of one, it is read anew meanwhile. */
  known(endpointToken: string | undefined): Ring | undefined
  /** @param endpointToken undefined for the shared address. An unknown one has a ring of keys nobody has. */
  at(endpointToken: string | undefined): Promise<Ring>
  /** The same, read no longer than a moment ago: for a delivery that no secret fitted, which may have been added meanwhile. */
  anew(endpointToken: string | undefined): Promise<Ring>
}

const freshMs = 500
const keptMs = 1_000
const momentMs = 20
const mostKept = 20_000
const tokenForm = /^[A-Za-z0-9_-]{43}$/

type Parts = {
  readonly database: Database
  readonly box: SecretBox
  readonly installation: InstallationSecrets
}
/** A ring and until when by the clock its secrets hold. */
type Found = { readonly endsAt: number; readonly ring: Ring }
/** As it was at an instant of this process. */
type Entry = Found & { readonly readAt: number }
/** @param address the token of one, or the shared one's name. */
export type RingReader = (fillers: Fillers, address: string) => Promise<Found>
type Reading = { readonly begunAt: number; readonly ring: Promise<Ring> }

/** @param reader gives the ring of an address as it is now. */
export function createKeyRing(clock: Clock, reader: RingReader): KeyRing {
  const fillers = drawFillers(newToken)
  const nobody: Ring = { slots: fillSlots([], fillers), owners: [], fillers }
  const entries = new Map<string, Entry>()
  const readings = new Map<string, Reading>()
  /** Whoever asks meanwhile waits for it. A failed one is not remembered, and a slow one never takes the place of one begun after it. */
  const read = (address: string): Promise<Ring> => {
    const begunAt = performance.now()
    const ring = reader(fillers, address).then((found) => {
      if ((entries.get(address)?.readAt ?? begunAt) > begunAt) return found.ring
      // Made-up tokens must not fill the memory; forgetting costs one reading more.
      if (entries.size >= mostKept) entries.clear()
      entries.set(address, { readAt: begunAt, endsAt: found.endsAt, ring: found.ring })
      return found.ring
    })
    const reading = { begunAt, ring }
    readings.set(address, reading)
    const forget = () => void (readings.get(address) === reading && readings.delete(address))
    ring.then(forget, forget)
    return ring
  }
  const keptAt = (address: string, oldestMs: number): Entry | undefined => {
    const entry = entries.get(address)
    if (!entry || performance.now() - entry.readAt >= oldestMs) return undefined
    return clock.now().getTime() < entry.endsAt ? entry : undefined
  }
  const ringOf = async (endpointToken: string | undefined, oldestMs: number): Promise<Ring> => {
    // No token of ours looks like this, and everybody may know that.
    if (endpointToken !== undefined && !tokenForm.test(endpointToken)) return nobody
    const address = endpointToken ?? shared
    const kept = keptAt(address, oldestMs)
    if (kept) return kept.ring
    const reading = readings.get(address)
    return reading && performance.now() - reading.begunAt < oldestMs ? reading.ring : read(address)
  }
  return {
    known(endpointToken) {
      const address = endpointToken ?? shared
      const entry = keptAt(address, keptMs)
      if (entry && performance.now() - entry.readAt >= freshMs && !readings.has(address))
        // Whoever needs it once this one is too old reads it themselves, and hears of the fault.
        read(address).catch(() => undefined)
      return entry?.ring
    },
    at: (endpointToken) => ringOf(endpointToken, keptMs),
    anew: (endpointToken) => ringOf(endpointToken, momentMs),
  }
}

/** Among the tokens of addresses: the address that has none. */
const shared = ''

/** Reads what is stored and what the environment says. */
export function secretsReader(parts: Parts): RingReader {
  return (fillers, address) => readRing(parts, fillers, address)
}

async function readRing({ database, box, installation }: Parts, fillers: Fillers, address: string): Promise<Found> {
  const endpointToken = address === shared ? undefined : address
  const [found, ours] = await Promise.all([
    candidateSecrets(database, box, { now: database.clock.now(), endpointToken }),
    endpointToken === undefined ? listInstallationSecrets({ database, box }) : [],
  ])
  const ends = [...found, ...ours].flatMap(({ notAfter }) => (notAfter ? [notAfter.getTime()] : []))
  const ring = toRing(found, endpointToken === undefined ? [...configured(installation), ...ours] : [], fillers)
  return { ring, endsAt: Math.min(Infinity, ...ends) }
}

type InstallationSecret = { readonly kind: 'platform' | 'connect'; readonly text: string; readonly id?: string }

/** Those of the environment, beside what is stored (STR-43). */
function configured(installation: InstallationSecrets): readonly InstallationSecret[] {
  return (['platform', 'connect'] as const).flatMap((kind) => {
    const text = installation[kind]
    return text === undefined ? [] : [{ kind, text }]
  })
}

function toRing(
  found: readonly CandidateSecret[],
  installation: readonly InstallationSecret[],
  fillers: Fillers,
): Ring {
  const own = found.map(({ secret, ...owner }) => ({ text: secret.reveal(), owner }))
  const ours = installation.map(({ kind, text, id }) => ({ text, owner: { installation: kind, endpointId: id } }))
  const all = [...ours, ...own]
  return {
    slots: fillSlots(
      all.map(({ text }) => text),
      fillers,
    ),
    owners: all.map(({ owner }) => owner),
    fillers,
  }
}
