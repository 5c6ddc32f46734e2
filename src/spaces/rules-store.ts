/** The SQL of billing rules, kept version by version. */
import type { ScopedHandle } from '#platform'
import type { BillingRules, PresetId } from './billing-rules.ts'

export async function readNewestRules(
  rows: ScopedHandle,
): Promise<{ readonly version: number; readonly rules: BillingRules } | undefined> {
  const found = await rows
    .selectFrom('app.billing_rule_versions')
    .select(['version', 'preset', 'anchor_day'])
    .where('operator_id', '=', rows.scope.operatorId)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!found) return undefined
  const anchorDay = found.anchor_day === null ? null : Number(found.anchor_day)
  return { version: Number(found.version), rules: { preset: found.preset as PresetId, anchorDay } }
}

export async function insertRuleVersion(
  rows: ScopedHandle,
  change: { readonly version: number; readonly rules: BillingRules; readonly actor: string },
): Promise<void> {
  const { preset, anchorDay } = change.rules
  await rows
    .insertInto('app.billing_rule_versions')
    .values({
      operator_id: rows.scope.operatorId,
      version: change.version,
      preset,
      anchor_day: anchorDay,
      changed_by: change.actor,
      changed_at: rows.clock.now(),
    })
    .execute()
}
