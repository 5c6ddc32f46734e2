/** The first steps begin with the sign-up, or when somebody of an older operator opens one of them. */
import type { ScopedHandle } from '#platform'
import { insertOnboarding } from './store.ts'

/** Safe to repeat: what was marked stays. */
export async function beginOnboarding(rows: ScopedHandle): Promise<void> {
  await insertOnboarding(rows)
}
