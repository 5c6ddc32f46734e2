/**
 * From the account and mode an event names to the connection that is meant, remembered for a minute, and for five seconds that there is
 * none (PERF-47). What surprises: where there are no more accounts than fit, the first question asks for all of them, because after a
 * start a question for each would keep as many deliveries waiting; half a minute later all are read anew, while deliveries go on.
 */
import { listAccountTargets, readAccountPlaces, type AccountPlace, type AccountPlaces } from '#connections'
import type { StripeEvent } from '#inbox'
import type { Mode } from '#kernel'
import type { Database } from '#platform'

/** `undefined`: nobody has connected the account, or none is named. `several`: nobody can say whose it is. */
export type KnownPlace = { readonly place: AccountPlace | undefined }

export type AccountMap = {
  /** Undefined when it has to be asked for. */
  known(event: StripeEvent | undefined): KnownPlace | undefined
  find(event: StripeEvent | undefined): Promise<KnownPlace>
}

type Entry = KnownPlace & { readonly until: number }
/** All accounts as they were read at an instant of this process; undefined when there are too many. */
type Reading = { readonly readAt: number; readonly places: AccountPlaces | undefined }

const keptMs = 60_000
const freshMs = 30_000
const unknownKeptMs = 5_000
const mostKept = 100_000
const nowhere = { place: undefined }

export function modeOf(event: StripeEvent | undefined): Mode {
  return event?.isLive === true ? 'live' : 'test'
}

/** @param ways how many accounts are read ahead, and how. */
export function createAccountMap(database: Database, ways: Partial<Ways> = {}): AccountMap {
  const entries = { live: new Map<string, Entry>(), test: new Map<string, Entry>() }
  const ask = asksTogether(database)
  const everything = createReadAhead({
    mostReadAhead: 20_000,
    readAll: (most) => readAccountPlaces(database, most),
    ...ways,
  })
  const note = (account: string, mode: Mode, entry: Entry): Entry => {
    if (entries[mode].size >= mostKept) entries[mode].clear()
    entries[mode].set(account, entry)
    return entry
  }
  const known = (event: StripeEvent | undefined): KnownPlace | undefined => {
    if (event?.account === undefined) return nowhere
    const mode = modeOf(event)
    const entry = entries[mode].get(event.account)
    if (entry && performance.now() < entry.until) return entry
    const { readAt, places } = everything.known() ?? {}
    const place = places?.of(event.account, mode)
    return place && readAt !== undefined ? note(event.account, mode, { until: readAt + keptMs, place }) : undefined
  }
  return {
    known,
    async find(event) {
      if (event?.account === undefined) return nowhere
      const read = (await everything.read()) && known(event)
      if (read) return read
      const mode = modeOf(event)
      const place = (await ask(event.account)).get(`${mode} ${event.account}`)
      // Connected since all were read; where one is new, others may be.
      if (place) everything.forget()
      return note(event.account, mode, { until: performance.now() + (place ? keptMs : unknownKeptMs), place })
    },
  }
}

type ReadAhead = {
  /** What was read within the last minute. Once it is older than half of one, it is read anew meanwhile. */
  known(): Reading | undefined
  read(): Promise<Reading>
  forget(): void
}

type Ways = {
  readonly mostReadAhead: number
  /** Undefined when there are more. */
  readonly readAll: (most: number) => Promise<AccountPlaces | undefined>
}

function createReadAhead({ mostReadAhead, readAll }: Ways): ReadAhead {
  let last: Reading | undefined
  let reading: Promise<Reading> | undefined
  const readAnew = (): Promise<Reading> => {
    const readAt = performance.now()
    const forget = () => void (reading = undefined)
    reading ??= readAll(mostReadAhead).then((places) => (last = { readAt, places }))
    reading.then(forget, forget)
    return reading
  }
  const known = (): Reading | undefined => {
    // Too many will hardly become few again while this process lives.
    if (last && !last.places) return last
    const ageMs = last ? performance.now() - last.readAt : Infinity
    // Whoever needs it once this one is too old reads it themselves, and hears of the fault.
    if (ageMs >= freshMs && ageMs < keptMs && !reading) readAnew().catch(() => undefined)
    return ageMs < keptMs ? last : undefined
  }
  return { known, read: async () => known() ?? readAnew(), forget: () => void (last = last?.places ? undefined : last) }
}

type Answer = ReturnType<typeof listAccountTargets>

/** What is asked for at the same moment is asked in one question. */
function asksTogether(database: Database): (account: string) => Answer {
  let asked: { readonly accounts: Set<string>; readonly answer: Answer } | undefined
  return (account) => {
    if (!asked) {
      const accounts = new Set<string>()
      const answer = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
        asked = undefined
        return listAccountTargets(database, [...accounts])
      })
      asked = { accounts, answer }
    }
    asked.accounts.add(account)
    return asked.answer
  }
}
