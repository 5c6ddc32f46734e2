/** Puts the checklist of the first steps away; the steps themselves can still be opened. */
import type { ScopedHandle } from '#platform'
import { beginOnboarding } from './begin-onboarding.ts'
import { updateDismissed } from './store.ts'

export async function dismissOnboarding(rows: ScopedHandle): Promise<void> {
  await beginOnboarding(rows)
  await updateDismissed(rows)
}
