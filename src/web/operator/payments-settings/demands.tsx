/** What Stripe still asks for, in words; its own names and reasons open on a click (UI-144). */
import { InstantText, Section, StatusBadge, type Tone } from '#web/ui'
import { Text } from '@mantine/core'
import { StripeFormButton } from './stripe-form-button.tsx'
import type { Demand } from './wire.ts'

const urgencies: Record<Demand['urgency'], { readonly tone: Tone; readonly label: string }> = {
  past_due: { tone: 'red', label: 'Past due' },
  due: { tone: 'yellow', label: 'Due' },
  later: { tone: 'grey', label: 'Later' },
}

/** Who can give it at Stripe (UI-144). */
const givers: Readonly<Record<Demand['class'], string>> = {
  people: 'an owner or director of the business',
  identity: 'the person it is about',
  bank: 'whoever may change the bank account',
  terms: 'an owner of the business',
  business: 'an owner or admin',
  other: 'an owner or admin',
}

const soonDays = 7

function leftTone(days: number): Tone {
  if (days < 0) return 'red'
  return days <= soonDays ? 'yellow' : 'grey'
}

function leftText(days: number): string {
  if (days < 0) return 'Date passed'
  if (days === 0) return 'Less than a day left'
  return days === 1 ? '1 day left' : `${days} days left`
}

export function Demands({ demands }: { demands: readonly Demand[] }) {
  if (demands.length === 0) return null
  return (
    <Section title="What Stripe asks for" actions={<StripeFormButton label="Provide at Stripe" />}>
      <ul className="rr-lines">
        {demands.map((demand) => (
          <li key={`${demand.class} ${demand.urgency}`}>
            <StatusBadge tone={urgencies[demand.urgency].tone}>{urgencies[demand.urgency].label}</StatusBadge>{' '}
            <span>{demand.words}.</span>
            {demand.deadline !== undefined && (
              <Text size="sm" c="dimmed" component="span">
                {' '}
                By <InstantText at={demand.deadline} />.
              </Text>
            )}
            {demand.urgency !== 'later' && demand.daysLeft !== undefined && (
              <>
                {' '}
                <StatusBadge tone={leftTone(demand.daysLeft)}>{leftText(demand.daysLeft)}</StatusBadge>
              </>
            )}
            <Text size="sm" c="dimmed">
              Given by {givers[demand.class]}.
            </Text>
            {demand.reasons.map((reason) => (
              <Text key={reason} size="sm">
                Stripe says: {reason}
              </Text>
            ))}
            <details className="rr-help">
              <summary>Stripe’s names ({demand.fields.length})</summary>
              <ul className="rr-plain-list">
                {demand.fields.map((field) => (
                  <li key={field}>
                    <code>{field}</code>
                  </li>
                ))}
              </ul>
            </details>
          </li>
        ))}
      </ul>
    </Section>
  )
}
