/** All SQL of the first steps. */
import type { ScopedHandle } from '#platform'
import type { StepMark, StepNumber } from './onboarding.ts'

export async function readOnboarding(rows: ScopedHandle): Promise<{ readonly dismissedAt: Date | null } | undefined> {
  const found = await rows
    .selectFrom('app.onboardings')
    .select('dismissed_at')
    .where('operator_id', '=', rows.scope.operatorId)
    .executeTakeFirst()
  return found && { dismissedAt: found.dismissed_at as Date | null }
}

export async function insertOnboarding(rows: ScopedHandle): Promise<void> {
  await rows
    .insertInto('app.onboardings')
    .values({ operator_id: rows.scope.operatorId, begun_at: rows.clock.now() })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function updateDismissed(rows: ScopedHandle): Promise<void> {
  const own = rows.updateTable('app.onboardings').set({ dismissed_at: rows.clock.now() })
  await own.where('operator_id', '=', rows.scope.operatorId).execute()
}

export async function readSteps(rows: ScopedHandle): Promise<ReadonlyMap<StepNumber, StepMark>> {
  const found = await rows
    .selectFrom('app.onboarding_steps')
    .select(['step', 'state'])
    .where('operator_id', '=', rows.scope.operatorId)
    .execute()
  return new Map(found.map(({ step, state }) => [Number(step) as StepNumber, state as StepMark]))
}

export async function writeStep(
  rows: ScopedHandle,
  { step, mark }: { readonly step: StepNumber; readonly mark: StepMark },
): Promise<void> {
  const row = { operator_id: rows.scope.operatorId, step, state: mark, changed_at: rows.clock.now() }
  await rows
    .insertInto('app.onboarding_steps')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['operator_id', 'step']).doUpdateSet({ state: mark, changed_at: row.changed_at }),
    )
    .execute()
}
