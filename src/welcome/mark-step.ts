/** Marks one of the first steps as done or left for later (UI-140). A step without its thing is never done, whoever says so. */
import { done, type Outcome } from '#kernel'
import type { ScopedHandle } from '#platform'
import { beginOnboarding } from './begin-onboarding.ts'
import { canSkip, type StepMark, type StepNumber } from './onboarding.ts'
import { refuse, type WelcomeProblem } from './problems.ts'
import { readSteps, writeStep } from './store.ts'

/**
 * @param about `isThere`: whether what the step is for exists, such as a category for step 3; its own module knows. A step that is done
 * stays done when it is skipped afterwards, because a second look takes nothing away.
 */
export async function markStep(
  rows: ScopedHandle,
  about: { readonly step: StepNumber; readonly mark: StepMark; readonly isThere: boolean },
): Promise<Outcome<void, WelcomeProblem>> {
  const { step, mark, isThere } = about
  if (mark === 'skipped' && !canSkip(step)) return refuse('step_required')
  if (mark === 'done' && !isThere) return refuse('step_not_done')
  await beginOnboarding(rows)
  if (mark === 'skipped' && (await readSteps(rows)).get(step) === 'done') return done(undefined)
  await writeStep(rows, { step, mark })
  return done(undefined)
}
