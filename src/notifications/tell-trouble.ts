/** Tells the owners of a known trouble (UI-160): once per trouble and address, whoever asks and however often. */
import { getCompany } from '#operators'
import type { ScopedHandle } from '#platform'
import { insertMail } from './store.ts'
import { mailWords, renderMail } from './words.ts'

export async function tellTrouble(
  rows: ScopedHandle,
  about: {
    readonly id: string
    readonly title: string
    readonly text: string
    readonly url: string
    /** The addresses of those who are told. */
    readonly owners: readonly string[]
  },
): Promise<void> {
  const { id: troubleId, owners, ...told } = about
  const company = await getCompany(rows)
  const words = mailWords.troubleFound({ ...told, mode: rows.scope.mode })
  for (const recipient of owners) {
    const id = await insertMail(rows, {
      onceFor: `trouble:${troubleId}:${recipient}`,
      recipient,
      subject: words.subject,
      ...renderMail(words, company.name),
    })
    if (id) await rows.enqueue({ name: 'notifications.send-mail', id })
  }
}
