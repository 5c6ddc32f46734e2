/** The background work of diagnosis (ARC-43), and the round that looks at every connected operator. */
import { findOwnKeysConnection, listTargets, type ConnectionGround } from '#connections'
import { isAlarming, readHealth } from '#endpoints'
import { isMode } from '#kernel'
import { tellTrouble } from '#notifications'
import { readAccountView } from '#onboarding'
import { getCompany, listOwnerEmails } from '#operators'
import { inScope, type JobDeclaration, type JobHandler, type JobPayload, type Logs, type ScopedHandle } from '#platform'
import { askStripe } from './ask-stripe.ts'
import { catalog } from './finding.ts'
import { findTrouble, updateTrouble, type Trouble } from './store.ts'
import { watchTroubles } from './watch.ts'

export const diagnosisJobs = [
  { name: 'diagnosis.ask' },
  { name: 'diagnosis.tell' },
  {
    name: 'diagnosis.watch',
    reads: [
      'connection.broken',
      'connection.revived',
      'connection.verified',
      'connection.disconnected',
      'connection.account_changed',
      'webhook.unhealthy',
      'webhook.recovered',
      'payout.failed',
      'payout.cleared',
    ],
  },
] as const satisfies readonly JobDeclaration[]

function scopeOf({ operatorId, mode }: JobPayload) {
  if (!isMode(mode)) throw new Error(`a job names the mode ${mode}`)
  return { operatorId, mode }
}

export function diagnosisHandlers(
  ground: ConnectionGround,
): Record<(typeof diagnosisJobs)[number]['name'], JobHandler> {
  return {
    async 'diagnosis.ask'(payload) {
      await askStripe(ground, scopeOf(payload))
    },
    'diagnosis.tell': (payload) => tell(ground, payload),
    'diagnosis.watch': (payload) => inScope(ground.database, scopeOf(payload), watchTroubles),
  }
}

/** Once per cause (UI-160). What the notice about the webhook tells already is not told twice. */
async function tell({ database, publicUrl }: ConnectionGround, payload: JobPayload): Promise<void> {
  const scope = scopeOf(payload)
  const owners = await listOwnerEmails(database, scope.operatorId)
  await inScope(database, scope, async (rows) => {
    const trouble = await findTrouble(rows, payload.id)
    if (!trouble || trouble.toldAt || trouble.closedAt) return
    // Payouts tell each failure themselves, with its cause.
    if (trouble.code === 'payout_failed') return
    await updateTrouble(rows, trouble.id, { toldAt: rows.clock.now() })
    if (await isToldElsewhere(rows, trouble)) return
    const { slug } = await getCompany(rows)
    const url = `${publicUrl}/w/${slug}/admin/diagnosis?mode=${scope.mode}`
    await tellTrouble(rows, {
      id: trouble.id,
      title: catalog[trouble.code].title,
      text: trouble.finding.text,
      url,
      owners,
    })
  })
}

/** The notice about the webhook tells its troubles (STR-47), the mails about an account tell what Stripe asks for (STR-37). */
async function isToldElsewhere(rows: ScopedHandle, { code }: Trouble): Promise<boolean> {
  if (code === 'payments_pending') {
    const connection = await findOwnKeysConnection(rows)
    return connection !== undefined && isAlarming(await readHealth(rows, connection))
  }
  if (code !== 'onboarding_directors' && code !== 'account_standing') return false
  const { account } = await readAccountView(rows)
  return account !== undefined && account.demandSet !== '' && account.statusDetail !== 'pending'
}

/** Looks at every operator with a connection once, of whichever kind; a trouble of one is not the trouble of the others. */
export async function watchAll(
  { database, logs }: Pick<ConnectionGround, 'database'> & { readonly logs: Logs },
  signal?: AbortSignal,
): Promise<void> {
  const targets = [...(await listTargets(database, 'endpoint_token')), ...(await listTargets(database, 'account'))]
  const scopes = new Map(targets.map(({ operatorId, mode }) => [`${operatorId} ${mode}`, { operatorId, mode }]))
  for (const { operatorId, mode } of scopes.values()) {
    if (signal?.aborted) return
    await inScope(database, { operatorId, mode }, watchTroubles).catch((error: unknown) =>
      logs.error({ operatorId, mode, error: String(error) }, 'diagnosis failed, it will be tried again'),
    )
  }
}
