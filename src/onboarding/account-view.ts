/** A connected account as the screens show it: how it stands, in words, and what Stripe still asks for. No link to Stripe's form is in it. */
import { findConnectConnection, findFormerConnectConnection, type Connection } from '#connections'
import type { ScopedHandle } from '#platform'
import {
  acceptsPaidBookings,
  stripeStatusOf,
  statusWords,
  type StatusDetail,
  type StripeStatus,
} from './account-status.ts'
import type { ConnectAccount } from './onboarding.ts'
import { classifyRequirements, type Demand } from './requirements.ts'
import { countResumeLinks } from './own-links.ts'
import { findAccount } from './store.ts'

export type AccountView = {
  readonly connection: Connection | undefined
  readonly account: ConnectAccount | undefined
  readonly stripeStatus: StripeStatus
  readonly stripeStatusDetail: StatusDetail
  readonly acceptsPaidBookings: boolean
  readonly badge: ReturnType<typeof statusWords>
  readonly demands: readonly Demand[]
  /** Somebody came back from Stripe's form a moment ago, or there is news that was not looked at yet. */
  readonly isChecking: boolean
  readonly resumeLinks: { readonly count: number; readonly lastEndsAt: Date | undefined }
}

const checkingMs = 30_000

/** The present account, or the last one that was disconnected. */
export async function readAccountView(rows: ScopedHandle): Promise<AccountView> {
  const connection = (await findConnectConnection(rows)) ?? (await findFormerConnectConnection(rows))
  const account = connection && (await findAccount(rows, connection.id))
  const detail = judge(connection, account)
  const returnedMs = account?.returnedAt?.getTime() ?? 0
  const isClosed = connection?.state === 'disconnected'
  const isFresh = rows.clock.now().getTime() - returnedMs < checkingMs && detail !== 'active'
  return {
    connection,
    account,
    stripeStatus: stripeStatusOf(detail),
    stripeStatusDetail: detail,
    acceptsPaidBookings: acceptsPaidBookings(detail),
    badge: statusWords(detail),
    demands: account?.seen && !isClosed ? classifyRequirements(account.seen) : [],
    isChecking: !isClosed && (isFresh || Boolean(account?.dirtyAt)),
    resumeLinks: connection ? await countResumeLinks(rows, connection.id) : { count: 0, lastEndsAt: undefined },
  }
}

/** A connection that was disconnected here says so, whatever Stripe last said of the account. */
function judge(connection: Connection | undefined, account: ConnectAccount | undefined): StatusDetail {
  if (connection?.state === 'disconnected') return 'disconnected'
  return account?.statusDetail ?? 'not_connected'
}
