/**
 * What came by one of the two endpoints of the installation (STR-40, STR-62): the account it names says whose it is, in the mode the event
 * itself says (STR-69). What surprises: an account nobody has connected is no mistake. Its news are parked, because the connection may
 * be a moment away (STR-68); and what names no account is about the installation itself.
 */
import { listAccountTargets } from '#connections'
import { judgeArrival, type Arrival, type NewEvent, type StripeEvent } from '#inbox'
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

type Judged = Arrival & Pick<NewEvent, 'sourceAccount' | 'operatorId' | 'mode' | 'connectionId' | 'endpoint'>

function modeOf(event: StripeEvent | undefined): Mode {
  return event?.isLive === true ? 'live' : 'test'
}

export function judgeInstallationNews(
  { place }: { readonly place: Place },
  event: StripeEvent | undefined,
  endpoint: 'platform' | 'connect',
): Judged {
  const mode = modeOf(event)
  const account = event?.account
  const nobody = { sourceAccount: account ?? endpoint, operatorId: undefined, connectionId: undefined, mode, endpoint }
  const about = { objectKind: event?.objectKind ?? '', objectId: event?.objectId ?? '' }
  if (place === 'several') {
    const reason = `Several workspaces are joined to the account ${account}, so nobody can say whose this is. Nothing was changed.`
    return { ...nobody, ...about, state: 'quarantined', reason }
  }
  if (place) {
    const { operatorId, connectionId } = place
    const signer = { operatorId, mode, connectionId, accountId: account }
    return { ...nobody, ...judgeArrival(event, signer), operatorId, connectionId }
  }
  if (account !== undefined)
    return { ...nobody, ...about, state: 'parked', reason: `Nobody here has connected the account ${account} yet.` }
  if (event) return { ...nobody, ...about, state: 'ignored_unhandled', reason: aboutTheInstallation }
  return { ...nobody, ...judgeArrival(event, { operatorId: '', mode, connectionId: '', accountId: undefined }) }
}

const aboutTheInstallation =
  'It is about the Stripe account of the installation itself, of which no reports are kept yet.'
