/**
 * Mails about a connected account; what is said and when comes from onboarding (STR-37). Each carries a link of our own back into Stripe's
 * form (STR-32), made only for a mail that is really written.
 */
import { getCompany } from '#operators'
import { getFact, type FactName, type ScopedHandle } from '#platform'
import { findMailOf, insertMail, listMailsOf, type MailLine } from './store.ts'
import { mailWords, renderMail, type Words } from './words.ts'

export const accountFacts = ['connection.account_changed'] as const satisfies readonly FactName[]

/** Supplied by the wiring from onboarding. */
export type AccountTellers = {
  readonly readNews: (rows: ScopedHandle, connectionId: string) => Promise<AccountNews | undefined>
  /** @returns the address of a fresh link. */
  readonly makeLink: (rows: ScopedHandle, connectionId: string) => Promise<string>
}

type AccountNews = {
  readonly occasion: string
  readonly subject: string
  readonly paragraphs: readonly string[]
  readonly isDue: boolean
  readonly nextAt: Date | undefined
}

/** Told once per set of details, again after three and seven days while it stands, and no more when it has cleared. */
export async function onAccountFact(
  rows: ScopedHandle,
  factId: string,
  { tellers, owners }: { readonly tellers: AccountTellers; readonly owners: readonly string[] },
): Promise<void> {
  const { ids } = await getFact(rows, factId)
  const connectionId = ids['connection'] ?? ''
  const news = await tellers.readNews(rows, connectionId)
  if (!news) return
  if (news.nextAt) {
    const onceFor = news.nextAt.toISOString()
    await rows.enqueue({ name: 'notifications.on-account-fact', id: factId, startAt: news.nextAt, onceFor })
  }
  if (!news.isDue) return
  const { subject, paragraphs } = news
  for (const recipient of owners)
    await writeOnce(rows, {
      onceFor: `account:${connectionId}:${news.occasion}:${recipient}`,
      recipient,
      wordsWith: (url) => ({ subject, paragraphs, button: { label: 'Resume onboarding', url } }),
      makeLink: () => tellers.makeLink(rows, connectionId),
    })
}

export type ResumeMail = {
  readonly connectionId: string
  readonly recipient: string
  readonly makeLink: () => Promise<string>
}

/**
 * A fresh link in place of one that has ended; whoever asks more often within an hour gets no more than one. @returns whether a mail was
 * written.
 */
export async function mailResumeLink(rows: ScopedHandle, mail: ResumeMail): Promise<boolean> {
  const { name: operator } = await getCompany(rows)
  const hour = hourOf(rows)
  return writeOnce(rows, {
    onceFor: `resume:${mail.connectionId}:${hour}:${mail.recipient}`,
    recipient: mail.recipient,
    wordsWith: (url) => mailWords.resumeOnboarding({ operator, url }),
    makeLink: mail.makeLink,
  })
}

function hourOf(rows: ScopedHandle): string {
  return rows.clock.now().toISOString().slice(0, 13)
}

/**
 * What Stripe asks for, told once more to whoever owns the account, with a fresh link (STR-108); at most once an hour. @returns how many
 * mails were written; undefined when there is nothing to tell.
 */
export async function mailAccountAgain(
  rows: ScopedHandle,
  connectionId: string,
  { tellers, owners }: { readonly tellers: AccountTellers; readonly owners: readonly string[] },
): Promise<number | undefined> {
  const news = await tellers.readNews(rows, connectionId)
  if (!news) return undefined
  const { subject, paragraphs } = news
  let written = 0
  for (const recipient of owners) {
    const isWritten = await writeOnce(rows, {
      onceFor: `account:${connectionId}:again:${hourOf(rows)}:${recipient}`,
      recipient,
      wordsWith: (url) => ({ subject, paragraphs, button: { label: 'Resume onboarding', url } }),
      makeLink: () => tellers.makeLink(rows, connectionId),
    })
    if (isWritten) written += 1
  }
  return written
}

export type AccountMail = MailLine

const mailsShown = 50

/** Every mail about this account and every link that was mailed, the newest first (STR-37). */
export function listAccountMails(rows: ScopedHandle, connectionId: string): Promise<readonly AccountMail[]> {
  return listMailsOf(rows, { prefixes: [`account:${connectionId}:`, `resume:${connectionId}:`], limit: mailsShown })
}

type Writing = {
  readonly onceFor: string
  readonly recipient: string
  readonly wordsWith: (url: string) => Words
  readonly makeLink: () => Promise<string>
}

async function writeOnce(rows: ScopedHandle, { onceFor, recipient, wordsWith, makeLink }: Writing): Promise<boolean> {
  if (await findMailOf(rows, onceFor)) return false
  const words = wordsWith(await makeLink())
  const { name } = await getCompany(rows)
  const id = await insertMail(rows, { onceFor, recipient, subject: words.subject, ...renderMail(words, name) })
  if (id) await rows.enqueue({ name: 'notifications.send-mail', id })
  return id !== undefined
}
