/**
 * Which secrets take part at an address, ready for use (STR-52, STR-53, STR-57). They are read again every half second, so a new one works
 * in every process before anybody could have typed the next, and sooner where a delivery needs it; and one whose time is over is out on the second, whatever was read. What
 * surprises: how many slots an address has depends on what was read, never on the request or on the hour.
 */
import type { KeyObject } from 'node:crypto'
import { candidateSecrets, type CandidateSecret } from '#connections'
import { listInstallationSecrets } from '#installation'
import { newToken, type Database, type SecretBox } from '#platform'
import { drawFillers, fillSlots, type Fillers } from './signature.ts'

/** Whose secret it is: an operator's, or that of one of the two endpoints of the installation (STR-43). */
export type RingOwner =
  | Omit<CandidateSecret, 'secret'>
  | { readonly installation: 'platform' | 'connect'; readonly endpointId: string | undefined }

export type Ring = {
  readonly slots: readonly KeyObject[]
  readonly owners: readonly RingOwner[]
  readonly fillers: Fillers
}

export type InstallationSecrets = {
  readonly platform?: string | undefined
  readonly connect?: string | undefined
}

export type KeyRing = {
  /** @param endpointToken undefined for the shared address. An unknown one has a ring of keys nobody has. */
  at(endpointToken: string | undefined): Promise<Ring>
  /** The same, read no longer than a moment ago: for a delivery that no secret fitted, which may have been added meanwhile. */
  anew(endpointToken: string | undefined): Promise<Ring>
}

const keptMs = 500
const momentMs = 20
const mostKept = 20_000
const tokenForm = /^[A-Za-z0-9_-]{43}$/

type Parts = {
  readonly database: Database
  readonly box: SecretBox
  readonly installation: InstallationSecrets
}
type Entry = { readonly readAt: number; readonly endsAt: number; readonly ring: Promise<Ring> }

export function createKeyRing(parts: Parts): KeyRing {
  const fillers = drawFillers(newToken)
  const nobody: Ring = { slots: fillSlots([], fillers), owners: [], fillers }
  const entries = new Map<string, Entry>()
  const ringOf = async (endpointToken: string | undefined, oldestMs: number): Promise<Ring> => {
    // No token of ours looks like this, and everybody may know that.
    if (endpointToken !== undefined && !tokenForm.test(endpointToken)) return nobody
    const address = endpointToken ?? ''
    const known = entries.get(address)
    const now = parts.database.clock.now().getTime()
    if (known && performance.now() - known.readAt < oldestMs && now < known.endsAt) return known.ring
    return read(parts, { fillers, entries, address, endpointToken })
  }
  return {
    at: (endpointToken) => ringOf(endpointToken, keptMs),
    anew: (endpointToken) => ringOf(endpointToken, momentMs),
  }
}

type Place = {
  readonly fillers: Fillers
  readonly entries: Map<string, Entry>
  readonly address: string
  readonly endpointToken: string | undefined
}

/** One reading at a time for each address: whoever asks meanwhile waits for it. A failed one is not remembered. */
async function read(parts: Parts, { fillers, entries, address, endpointToken }: Place): Promise<Ring> {
  const { database, box, installation } = parts
  const reading = candidateSecrets(database, box, { now: database.clock.now(), endpointToken })
  const ring = reading.then(async (found) => {
    if (endpointToken !== undefined) return toRing(found, [], fillers)
    return toRing(found, [...configured(installation), ...(await listInstallationSecrets(parts))], fillers)
  })
  // Made-up tokens must not fill the memory; forgetting costs one reading more.
  if (entries.size >= mostKept) entries.clear()
  entries.set(address, { readAt: performance.now(), endsAt: Infinity, ring })
  try {
    const ends = (await reading).flatMap(({ notAfter }) => (notAfter ? [notAfter.getTime()] : []))
    entries.set(address, { readAt: performance.now(), endsAt: Math.min(Infinity, ...ends), ring })
    return await ring
  } catch (error) {
    entries.delete(address)
    throw error
  }
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
