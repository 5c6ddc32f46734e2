/** Mails about a connected account, whose words come from onboarding. */
import { getCompany } from '#operators'
import type { ScopedHandle } from '#platform'
import { insertMail } from './store.ts'
import { mailWords, renderMail } from './words.ts'

export type ResumeMail = {
  readonly connectionId: string
  readonly recipient: string
  /** Made when the mail is written, and not before: a link that nobody gets is none. */
  readonly makeLink: () => Promise<string>
}

/** A fresh link back into onboarding (STR-32); whoever asks more often within an hour gets no more than one. */
export async function mailResumeLink(rows: ScopedHandle, mail: ResumeMail): Promise<void> {
  const company = await getCompany(rows)
  const hour = rows.clock.now().toISOString().slice(0, 13)
  const words = mailWords.resumeOnboarding({ operator: company.name, url: await mail.makeLink() })
  const id = await insertMail(rows, {
    onceFor: `resume:${mail.connectionId}:${hour}:${mail.recipient}`,
    recipient: mail.recipient,
    subject: words.subject,
    ...renderMail(words, company.name),
  })
  if (id) await rows.enqueue({ name: 'notifications.send-mail', id })
}
