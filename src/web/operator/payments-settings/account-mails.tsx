/** Every mail about the account and every link that was mailed, with when it went out (STR-37). */
import type { Api } from '#web/api'
import { InstantText, Section, StatusBadge, useApiQuery, type AnswerOf, type Tone } from '#web/ui'
import { Text } from '@mantine/core'

type Mails = AnswerOf<Api, '/api/v1/w/:slug/connect/mails'>
type Mail = Mails['rows'][number]

const states: Readonly<Record<Mail['state'], { readonly tone: Tone; readonly word: string }>> = {
  sent: { tone: 'green', word: 'Sent' },
  waiting: { tone: 'yellow', word: 'Waiting' },
  failed: { tone: 'red', word: 'Not taken' },
}

export function AccountMails() {
  const { data } = useApiQuery<Mails>('/connect/mails')
  if (data === undefined || data.rows.length === 0) return null
  return (
    <Section title="Mails about this account">
      <ul className="rr-lines">
        {data.rows.map(({ id, subject, recipient, state, createdAt, sentAt }) => (
          <li key={id}>
            <StatusBadge tone={states[state].tone}>{states[state].word}</StatusBadge> <span>{subject}</span>
            <Text size="sm" c="dimmed">
              To {recipient}, <InstantText at={sentAt ?? createdAt} />
            </Text>
          </li>
        ))}
      </ul>
    </Section>
  )
}
