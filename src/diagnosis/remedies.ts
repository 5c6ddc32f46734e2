/** The other deeds of the page: ask Stripe everything, test again, and ask about the payments that are not final. */
import type { ConnectionGround } from '#connections'
import { done, type Outcome, type Scope } from '#kernel'
import { listUnfinishedPayments, planFollowing } from '#payments'
import { inScope } from '#platform'
import { askStripe } from './ask-stripe.ts'
import { counted } from './finding.ts'
import { refuse } from './problems.ts'
import type { Changes } from './repair-webhook.ts'

/** Run all checks: asks and judges; nothing is changed at Stripe (UI-160). Without a connection the others are judged alone. */
export async function runChecks(ground: ConnectionGround, scope: Scope): Promise<void> {
  await askStripe(ground, scope)
}

/** Test again (STR-112). */
export async function testAgain(ground: ConnectionGround, scope: Scope): Promise<Outcome<Changes>> {
  const asked = await askStripe(ground, scope)
  if (!asked.ok) return asked
  const { title, rows } = asked.value
  const failing = rows.filter(({ state }) => state === 'fail').map(({ text }) => text)
  return done({ changes: [`${title}.`, ...failing.slice(0, 1)] })
}

/** Check these payments now (STR-111): each is asked about at once, beside whatever is planned. */
export async function checkPayments(
  ground: Pick<ConnectionGround, 'database'>,
  scope: Scope,
): Promise<Outcome<Changes>> {
  return inScope(ground.database, scope, async (rows) => {
    const open = await listUnfinishedPayments(rows)
    if (open.length === 0) return refuse('nothing_to_check')
    for (const { id } of open) await planFollowing(rows, id)
    return done({ changes: [`Stripe is being asked about ${counted(open.length, 'payment')} now.`] })
  })
}
