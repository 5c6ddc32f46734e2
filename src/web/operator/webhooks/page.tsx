/** Settings → Webhooks: the endpoints Stripe sends to, what came and what became of it, and how the road is doing (screens §5.3). */
import { useConsolePath, useQuery } from '#web/here'
import { LinkTabs, Page, useApiQuery } from '#web/ui'
import { EndpointsTab } from './endpoints.tsx'
import { HealthTab } from './health.tsx'
import { InboxTab } from './inbox.tsx'
import { lookEveryMs, type Health } from './wire.ts'

const tabs = [
  { name: 'endpoints', label: 'Endpoints', Part: EndpointsTab },
  { name: 'inbox', label: 'Inbox', Part: InboxTab },
  { name: 'health', label: 'Health', Part: HealthTab },
] as const

export function WebhooksPage() {
  const path = useConsolePath()
  const [query] = useQuery()
  const here = tabs.find(({ name }) => name === query['tab']) ?? tabs[0]
  const health = useApiQuery<Health>('/webhooks/health', { repeatsEveryMs: lookEveryMs })
  const waiting = (health.data?.dead ?? 0) + (health.data?.quarantined ?? 0)
  return (
    <Page
      title="Webhooks"
      intro="How Stripe tells Rentroll what happened: where it sends to, what came, and what it did."
    >
      <LinkTabs
        label="Webhooks"
        tabs={tabs.map(({ name, label }) => ({
          label,
          href: path('webhooks', {}, { tab: name }),
          isHere: name === here.name,
          ...(name === 'inbox' && waiting > 0 && { count: waiting }),
        }))}
      />
      <here.Part />
    </Page>
  )
}
