/** From the account and mode an event names to the connection that is meant (PERF-47). */
import { listAccountTargets } from '#connections'
import type { StripeEvent } from '#inbox'
import type { Mode } from '#kernel'
import type { Database } from '#platform'

/** Where the news of an account belong. `undefined`: nobody has connected it, or none is named. `several`: nobody can say. */
export type Place = ReturnType<Awaited<ReturnType<typeof listAccountTargets>>['get']>

export type AccountMap = {
  /** Undefined when it has to be asked for. */
  known(event: StripeEvent | undefined): { readonly place: Place } | undefined
  find(event: StripeEvent | undefined): Promise<{ readonly place: Place }>
}

type Answer = ReturnType<typeof listAccountTargets>
type Entry = { readonly until: number; readonly place: Place }

const keptMs = 60_000
const unknownKeptMs = 5_000
const mostKept = 100_000
const nowhere = { place: undefined }

/**
 * From account and mode to the connection, remembered for a minute, and for five seconds that there is none (PERF-47). What is asked for at
 * the same moment is asked in one question.
 */
export function createAccountMap(database: Database): AccountMap {
  const entries = { live: new Map<string, Entry>(), test: new Map<string, Entry>() }
  let asked: { readonly accounts: Set<string>; readonly answer: Answer } | undefined
  const ask = (account: string): Answer => {
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
  return {
    known(event) {
      if (event?.account === undefined) return nowhere
      const entry = entries[modeOf(event)].get(event.account)
      return entry && performance.now() < entry.until ? entry : undefined
    },
    async find(event) {
      if (event?.account === undefined) return nowhere
      const mode = modeOf(event)
      const place = (await ask(event.account)).get(`${mode} ${event.account}`)
      if (entries[mode].size >= mostKept) entries[mode].clear()
      entries[mode].set(event.account, { until: performance.now() + (place ? keptMs : unknownKeptMs), place })
      return { place }
    },
  }
}

export function modeOf(event: StripeEvent | undefined): Mode {
  return event?.isLive === true ? 'live' : 'test'
}
