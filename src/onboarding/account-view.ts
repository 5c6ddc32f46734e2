/** A connected account as the screens show it: how it stands, in words, and what Stripe still asks for. No link to Stripe's form is in it. */
import { findConnectConnection, findFormerConnectConnection, type Connection } from '#connections'
import { localDateAt, type LocalDate } from '#kernel'
import { getCompany } from '#operators'
import { listFacts, type ScopedHandle } from '#platform'
import {
  acceptsPaidBookings,
  stripeStatusOf,
  statusWords,
  type StatusAbout,
  type StatusDetail,
  type StripeStatus,
} from './account-status.ts'
import type { ConnectedAccountSeen } from '#stripe'
import type { ConnectAccount } from './onboarding.ts'
import { classifyRequirements, type Demand } from './requirements.ts'
import { countResumeLinks, createResumeLink } from './own-links.ts'
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

const leavingBadge = {
  tone: 'blue',
  label: 'Disconnecting',
  sentence: 'Nothing new is charged. The account goes when what is under way has ended.',
} as const

/** The present account, or the last one that was disconnected. */
export async function readAccountView(rows: ScopedHandle): Promise<AccountView> {
  const connection = (await findConnectConnection(rows)) ?? (await findFormerConnectConnection(rows))
  const account = connection && (await findAccount(rows, connection.id))
  const detail = judge(connection, account)
  const returnedMs = account?.returnedAt?.getTime() ?? 0
  const isClosed = connection?.state === 'disconnected'
  const isLeaving = connection?.state === 'disconnecting'
  const isFresh = rows.clock.now().getTime() - returnedMs < checkingMs && detail !== 'active'
  return {
    connection,
    account,
    stripeStatus: stripeStatusOf(detail),
    stripeStatusDetail: detail,
    acceptsPaidBookings: !isLeaving && acceptsPaidBookings(detail),
    badge: {
      ...statusWords(detail, await aboutOf(rows, { connection, account, detail })),
      ...(isLeaving && leavingBadge),
    },
    demands: account?.seen && !isClosed ? classifyRequirements(account.seen) : [],
    isChecking: !isClosed && (isFresh || Boolean(account?.dirtyAt)),
    resumeLinks: connection ? await countResumeLinks(rows, connection.id) : { count: 0, lastEndsAt: undefined },
  }
}

type Standing = {
  readonly connection: Connection | undefined
  readonly account: ConnectAccount | undefined
  readonly detail: StatusDetail
}

/** What the words of the status name: Stripe's reason, what it asks for, and days as the company counts them. */
async function aboutOf(rows: ScopedHandle, { connection, account, detail }: Standing): Promise<StatusAbout> {
  if (!account?.seen) return {}
  const { timeZone } = await getCompany(rows)
  const dayOf = (at: Date | undefined) => at && dayText(localDateAt(at, timeZone))
  const facts = detail === 'disconnected' && connection ? await listFacts(rows, { connection: connection.id }) : []
  const left = facts.findLast(({ name }) => name === 'connection.disconnected')
  return { ...askedOf(account.seen, dayOf), leftOn: dayOf(left?.recordedAt) }
}

function askedOf(seen: ConnectedAccountSeen, dayOf: (at: Date | undefined) => string | undefined): StatusAbout {
  const pressing = classifyRequirements(seen).filter(({ urgency }) => urgency !== 'later')
  const deadline = pressing.find((demand) => demand.deadline !== undefined)?.deadline
  const { disabledReason, hasErroredBank } = seen
  return {
    disabledReason,
    hasErroredBank,
    asked: pressing[0]?.words,
    deadline: dayOf(deadline === undefined ? undefined : new Date(deadline)),
  }
}

const dayWords = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })

function dayText(date: LocalDate): string {
  return dayWords.format(Date.parse(date))
}

/** A connection that was disconnected here says so, whatever Stripe last said of the account. */
function judge(connection: Connection | undefined, account: ConnectAccount | undefined): StatusDetail {
  if (connection?.state === 'disconnected') return 'disconnected'
  return account?.statusDetail ?? 'not_connected'
}

type AccountNews = {
  /** One mail for each of these: the set of what is asked for, since when, and how many days it has stood (STR-37). */
  readonly occasion: string
  readonly subject: string
  readonly paragraphs: readonly string[]
  readonly isDue: boolean
  /** When to look again. */
  readonly nextAt: Date | undefined
}

const dayMs = 86_400_000
const remindAfterDays = [3, 7] as const

/**
 * What the owner is told by mail now, or nothing. Whoever has not finished the form yet knows that it is open, so the first word about it
 * comes after three days.
 */
async function readAccountNews(rows: ScopedHandle, connectionId: string): Promise<AccountNews | undefined> {
  const connection = await findConnectConnection(rows)
  const account = connection?.id === connectionId ? await findAccount(rows, connectionId) : undefined
  if (!account?.seen || !account.demandedSince || account.demandSet === '') return undefined
  const ageMs = rows.clock.now().getTime() - account.demandedSince.getTime()
  const step = remindAfterDays.findLast((days) => ageMs >= days * dayMs) ?? 0
  const next = remindAfterDays.find((days) => days > step)
  const since = account.demandedSince.getTime()
  return {
    occasion: `${account.demandSet}:${since}:${step}`,
    ...newsWords(account),
    isDue: step > 0 || account.statusDetail !== 'pending',
    nextAt: next === undefined ? undefined : new Date(since + next * dayMs),
  }
}

function newsWords({ seen, statusDetail }: ConnectAccount): Pick<AccountNews, 'subject' | 'paragraphs'> {
  if (statusDetail === 'rejected' || !seen)
    return {
      subject: 'Stripe has rejected your account',
      paragraphs: [statusWords('rejected', seen ? { disabledReason: seen.disabledReason } : {}).sentence],
    }
  const pressing = classifyRequirements(seen).filter(({ urgency }) => urgency !== 'later')
  const deadline = pressing.map((demand) => demand.deadline ?? '').find((text) => text !== '')
  const by = deadline === undefined ? '' : ` by ${deadline.slice(0, 10)}`
  const isAboutPeople = pressing.some((demand) => demand.class === 'people')
  const subject = isAboutPeople
    ? `Your Stripe account needs details of its directors${by}`
    : `${pressing[0]?.words ?? 'Stripe asks for more information'}${by}`
  return {
    subject,
    paragraphs: [
      statusWords(
        statusDetail,
        askedOf(seen, () => deadline?.slice(0, 10)),
      ).sentence,
      ...pressing.map(({ words }) => `${words}.`),
    ],
  }
}

/** What mails about a connected account are written from. */
export function accountTellers(publicUrl: string) {
  return {
    readNews: readAccountNews,
    makeLink: async (rows: ScopedHandle, connectionId: string) =>
      `${publicUrl}${(await createResumeLink(rows, { connectionId, actor: 'mail' })).path}`,
  }
}
