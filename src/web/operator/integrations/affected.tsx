/** What leaving an account touches, read here and at Stripe when the dialog opens (UI-125, UI-132). */
import { CountedLists, Loaded, useApiQuery } from '#web/ui'
import { Text } from '@mantine/core'
import type { Affected } from './wire.ts'

export function AffectedLists({ connectionId }: { connectionId: string }) {
  const query = useApiQuery<Affected>(`/connections/${connectionId}/disconnect`)
  return (
    <Loaded query={query}>
      {({ account, groups, unknown }) => (
        <section aria-label="What is affected">
          <Text fw={600}>{account}</Text>
          <CountedLists lists={groups} />
          {unknown.map((sentence) => (
            <Text key={sentence} mt="xs">
              {sentence}
            </Text>
          ))}
        </section>
      )}
    </Loaded>
  )
}
