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
