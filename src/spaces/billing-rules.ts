/**
 * The rules of billing an operator chose (BIL-28). So far there is one that has an effect: the day on which rent falls due. What
 * surprises: rules of leases that are running do not change with it, because terms are frozen at check-out (BIL-14).
 */
import { noteAudit } from '#audit'
import { done, type Outcome } from '#kernel'
import type { ScopedHandle } from '#platform'
import { refuse, type SpacesProblem } from './problems.ts'
import { insertRuleVersion, readNewestRules } from './rules-store.ts'
import { lockLocation } from './store.ts'

export type PresetId = 'storage' | 'coworking'

export type BillingRules = {
  readonly preset: PresetId
  /** Day of the month on which rent falls due, 31 for the last one; null counts from the first day of the lease. */
  readonly anchorDay: number | null
}

/** The rules in force; undefined as long as nobody chose, and then rent is counted from the first day of the lease. */
export async function findBillingRules(rows: ScopedHandle): Promise<BillingRules | undefined> {
  return (await readNewestRules(rows))?.rules
}

/** Every change is a new version; the same rules again are none. */
export async function saveBillingRules(
  rows: ScopedHandle,
  wish: BillingRules & { readonly actor: string },
): Promise<Outcome<BillingRules, SpacesProblem>> {
  const { preset, anchorDay, actor } = wish
  if (anchorDay !== null && !(Number.isInteger(anchorDay) && anchorDay >= 1 && anchorDay <= 31))
    return refuse('anchor_day_range', { field: '/anchorDay' })
  await lockLocation(rows)
  const newest = await readNewestRules(rows)
  const isSame = newest?.rules.preset === preset && newest.rules.anchorDay === anchorDay
  const version = (newest?.version ?? 0) + 1
  if (!isSame) {
    await insertRuleVersion(rows, { version, rules: { preset, anchorDay }, actor })
    const object = { kind: 'billing_rules', id: String(version) }
    noteAudit(rows, {
      action: 'billing_rules.changed',
      object,
      ...(newest && { before: newest.rules }),
      after: { preset, anchorDay },
    })
  }
  return done({ preset, anchorDay })
}
