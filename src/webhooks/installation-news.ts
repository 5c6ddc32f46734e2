/**
 * What came by one of the two endpoints of the installation (STR-40, STR-62): the account it names says whose it is, in the mode the event
 * itself says (STR-69). What surprises: an account nobody has connected is no mistake. Its news are parked, because the connection may
 * be a moment away (STR-68); and what names no account is about the installation itself.
 */
import { listAccountTargets } from '#connections'
import { judgeArrival, type Arrival, type NewEvent, type StripeEvent } from '#inbox'
import type { Mode } from '#kernel'
import type { Database } from '#platform'

export type AccountMap = { find(account: string, mode: Mode): Promise<Place | undefined> }

type Answer = ReturnType<typeof listAccountTargets>
type Place = NonNullable<ReturnType<Awaited<Answer>['get']>>
type Entry = { readonly until: number; readonly place: Promise<Place | undefined> }

const keptMs = 60_000
const unknownKeptMs = 5_000
const mostKept = 100_000

/**
 * From account and mode to the connection, remembered for a minute, and for five seconds that there is none (PERF-47). What is asked for at
 * the same moment is asked in one question.
 */
export function createAccountMap(database: Database): AccountMap {
  const entries = new Map<string, Entry>()
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
    async find(account, mode) {
      const name = `${mode} ${account}`
      const known = entries.get(name)
      if (known && performance.now() < known.until) return known.place
      if (entries.size >= mostKept) entries.clear()
      const place = ask(account).then((targets) => targets.get(name))
      entries.set(name, { until: performance.now() + unknownKeptMs, place })
      try {
        const found = await place
        if (found) entries.set(name, { until: performance.now() + keptMs, place })
        return found
      } catch (error) {
        entries.delete(name)
        throw error
      }
    },
  }
}

type Judged = Arrival & Pick<NewEvent, 'sourceAccount' | 'operatorId' | 'mode' | 'connectionId' | 'endpoint'>

export async function judgeInstallationNews(
  accounts: AccountMap,
  event: StripeEvent | undefined,
  endpoint: 'platform' | 'connect',
): Promise<Judged> {
  const mode: Mode = event?.isLive === true ? 'live' : 'test'
  const account = event?.account
  const found = account === undefined ? undefined : await accounts.find(account, mode)
  const nobody = { sourceAccount: account ?? endpoint, operatorId: undefined, connectionId: undefined, mode, endpoint }
  const about = { objectKind: event?.objectKind ?? '', objectId: event?.objectId ?? '' }
  if (found === 'several') {
    const reason = `Several workspaces are joined to the account ${account}, so nobody can say whose this is. Nothing was changed.`
    return { ...nobody, ...about, state: 'quarantined', reason }
  }
  if (found) {
    const { operatorId, connectionId } = found
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
