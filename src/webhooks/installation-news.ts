/**
 * What came by one of the two endpoints of the installation (STR-40, STR-62): the account it names says whose it is, in the mode the event
 * itself says (STR-69). What surprises: an account nobody has connected is no mistake. Its news are parked, because the connection may
 * be a moment away (STR-68); and what names no account is about the installation itself.
 */
import { judgeArrival, type Arrival, type NewEvent, type StripeEvent } from '#inbox'
import { modeOf, type KnownPlace } from './account-map.ts'

type Judged = Arrival & Pick<NewEvent, 'sourceAccount' | 'operatorId' | 'mode' | 'connectionId' | 'endpoint'>

export function judgeInstallationNews(
  { place }: KnownPlace,
  event: StripeEvent | undefined,
  endpoint: 'platform' | 'connect',
): Judged {
  const mode = modeOf(event)
  const account = event?.account
  const from = { sourceAccount: account ?? endpoint, mode, endpoint }
  if (place && place !== 'several') {
    const { operatorId, connectionId } = place
    const signer = { operatorId, mode, connectionId, accountId: account }
    return { ...judgeArrival(event, signer), ...from, operatorId, connectionId }
  }
  const nobodys = { ...from, operatorId: undefined, connectionId: undefined }
  const about = { objectKind: event?.objectKind ?? '', objectId: event?.objectId ?? '' }
  if (place === 'several') {
    const reason = `Several workspaces are joined to the account ${account}, so nobody can say whose this is. Nothing was changed.`
    return { ...nobodys, ...about, state: 'quarantined', reason }
  }
  if (account !== undefined)
    return { ...nobodys, ...about, state: 'parked', reason: `Nobody here has connected the account ${account} yet.` }
  if (event) return { ...nobodys, ...about, state: 'ignored_unhandled', reason: aboutTheInstallation }
  return { ...nobodys, ...judgeArrival(event, { operatorId: '', mode, connectionId: '', accountId: undefined }) }
}

const aboutTheInstallation =
  'It is about the Stripe account of the installation itself, of which no reports are kept yet.'
