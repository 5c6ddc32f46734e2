/**
 * Tells the owners that the webhook is in trouble (STR-47), from facts. The reader judges anew: what has cleared before it was read is
 * told nobody, and one cause is told once a day at most.
 */
import { findConnection } from '#connections'
import { healthDetail, healthLabel, isAlarming, readHealth } from '#endpoints'
import { getCompany } from '#operators'
import { getFact, type FactName, type ScopedHandle } from '#platform'
import { insertMail } from './store.ts'
import { mailWords, renderMail } from './words.ts'

export const webhookFacts = ['webhook.unhealthy'] as const satisfies readonly FactName[]

/** @param about.owners the addresses of those who are told. */
export async function onWebhookFact(
  rows: ScopedHandle,
  factId: string,
  { publicUrl, owners }: { readonly publicUrl: string; readonly owners: readonly string[] },
): Promise<void> {
  const { ids } = await getFact(rows, factId)
  const connection = ids['connection'] ? await findConnection(rows, ids['connection']) : undefined
  if (!connection) return
  const health = await readHealth(rows, connection)
  if (!isAlarming(health)) return
  const company = await getCompany(rows)
  const { mode } = rows.scope
  const words = mailWords.webhookInTrouble({
    mode,
    label: healthLabel(health),
    detail: healthDetail(health, connection.endpointCheck?.missingRequired),
    url: `${publicUrl}/w/${company.slug}/admin/webhook-events?mode=${mode}`,
  })
  const day = rows.clock.now().toISOString().slice(0, 10)
  for (const recipient of owners) {
    const id = await insertMail(rows, {
      onceFor: `webhook:${connection.id}:${health}:${day}:${recipient}`,
      recipient,
      subject: words.subject,
      ...renderMail(words, company.name),
    })
    if (id) await rows.enqueue({ name: 'notifications.send-mail', id })
  }
}
