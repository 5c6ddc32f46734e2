/** Mails about a connected account: our link back into onboarding (STR-32). */
import { createResumeLink } from '#onboarding'
import { getCompany } from '#operators'
import type { ScopedHandle } from '#platform'
import { insertMail } from './store.ts'
import { mailWords, renderMail } from './words.ts'

type To = { readonly connectionId: string; readonly owners: readonly string[]; readonly publicUrl: string }

/** A fresh link to each owner; whoever asks more often within an hour gets no more than that. */
export async function mailResumeLink(rows: ScopedHandle, { connectionId, owners, publicUrl }: To): Promise<void> {
  const company = await getCompany(rows)
  const hour = rows.clock.now().toISOString().slice(0, 13)
  for (const recipient of owners) {
    const { path } = await createResumeLink(rows, { connectionId, actor: 'mail' })
    const words = mailWords.resumeOnboarding({ operator: company.name, url: `${publicUrl}${path}` })
    const id = await insertMail(rows, {
      onceFor: `resume:${connectionId}:${hour}:${recipient}`,
      recipient,
      subject: words.subject,
      ...renderMail(words, company.name),
    })
    if (id) await rows.enqueue({ name: 'notifications.send-mail', id })
  }
}
