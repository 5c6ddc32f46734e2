/**
 * Mails about a connected account; what is said and when comes from onboarding (STR-37). Each carries a link of our own back into Stripe's
 * form (STR-32), made only for a mail that is really written.
 */
import { getCompany } from '#operators'
import { getFact, type FactName, type ScopedHandle } from '#platform'
import { findMailOf, insertMail } from './store.ts'
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

/** A fresh link in place of one that has ended; whoever asks more often within an hour gets no more than one. */
export async function mailResumeLink(rows: ScopedHandle, mail: ResumeMail): Promise<void> {
  const { name: operator } = await getCompany(rows)
  const hour = rows.clock.now().toISOString().slice(0, 13)
  await writeOnce(rows, {
    onceFor: `resume:${mail.connectionId}:${hour}:${mail.recipient}`,
    recipient: mail.recipient,
    wordsWith: (url) => mailWords.resumeOnboarding({ operator, url }),
    makeLink: mail.makeLink,
  })
}

type Writing = {
  readonly onceFor: string
  readonly recipient: string
  readonly wordsWith: (url: string) => Words
  readonly makeLink: () => Promise<string>
}

async function writeOnce(rows: ScopedHandle, { onceFor, recipient, wordsWith, makeLink }: Writing): Promise<void> {
  if (await findMailOf(rows, onceFor)) return
  const words = wordsWith(await makeLink())
  const { name } = await getCompany(rows)
  const id = await insertMail(rows, { onceFor, recipient, subject: words.subject, ...renderMail(words, name) })
  if (id) await rows.enqueue({ name: 'notifications.send-mail', id })
}
