/** What happened to the invoice, newest first (UI-167). */
import { InstantText, MoneyText, Section } from '#web/ui'
import { Text, Timeline } from '@mantine/core'
import type { TimelineEntry } from './wire.ts'

export function Story({ entries }: { entries: readonly TimelineEntry[] }) {
  const newestFirst = entries.toSorted((one, other) => Date.parse(other.at) - Date.parse(one.at))
  return (
    <Section title="Timeline">
      <Timeline bulletSize={12} lineWidth={1} aria-label="Timeline">
        {newestFirst.map((entry, index) => (
          <Timeline.Item
            key={`${entry.at} ${entry.title} ${newestFirst.length - index}`}
            title={
              <>
                {entry.title}
                {entry.amount !== undefined && (
                  <>
                    {' · '}
                    <MoneyText money={entry.amount} />
                  </>
                )}
              </>
            }
          >
            {entry.detail !== undefined && <Text>{entry.detail}</Text>}
            <Text size="xs" c="dimmed">
              <InstantText at={entry.at} /> · {entry.actor}
            </Text>
          </Timeline.Item>
        ))}
      </Timeline>
    </Section>
  )
}
