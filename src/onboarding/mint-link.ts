/**
 * A link to Stripe's own form, made at the moment it is followed and forgotten after the redirect (STR-31). Only that one was made is
 * written down: to stop a loop of bounces (STR-33) and more than ten in an hour through our own link (STR-32).
 */
import { noteAudit } from '#audit'
import { getConnection, isJoined } from '#connections'
import { done, publicId, type AccountId, type Outcome, type Scope, type Uuid } from '#kernel'
import { inScope, newId, type Secret } from '#platform'
import { StripeFault, type AccountsApi } from '#stripe'
import { markLeft } from './follow-account.ts'
import { platformScope, wayBack, type OnboardingGround } from './onboarding.ts'
import { refuse, type OnboardingProblem } from './problems.ts'
import { countMints, insertMint, lockAccount, type MintWay } from './store.ts'

type Planned = { readonly account: AccountId; readonly api: AccountsApi }

const bounceMs = 10 * 60_000
const mostBounces = 3
const hourMs = 3_600_000
const mostPerHour = 10

export async function mintLink(
  ground: OnboardingGround,
  scope: Scope,
  wish: { readonly connectionId: Uuid; readonly way: MintWay },
): Promise<Outcome<{ readonly url: Secret }, OnboardingProblem>> {
  const { connectionId, way } = wish
  const id = newId(ground.database.clock)
  const planned = await inScope(ground.database, scope, async (rows): Promise<Planned | OnboardingProblem> => {
    // The lock makes the counts true for many at once.
    const account = await lockAccount(rows, connectionId)
    if (!account) return 'no_account'
    const connection = await getConnection(rows, connectionId)
    if (!connection.accountId || !isJoined(connection)) return 'no_account'
    const since = (ms: number) => new Date(rows.clock.now().getTime() - ms)
    const bounced = { connectionId, ways: ['refresh'], since: since(bounceMs) } as const
    if (way === 'refresh' && (await countMints(rows, bounced)) >= mostBounces) return 'sent_back'
    const resumed = { connectionId, ways: ['resume'], since: since(hourMs) } as const
    if (way === 'resume' && (await countMints(rows, resumed)) >= mostPerHour) return 'too_many_links'
    await insertMint(rows, { id, connectionId, way })
    const object = { kind: 'connection', id: publicId('connection', connectionId) }
    noteAudit(rows, { action: 'connection.stripe_link_made', object, after: { way } })
    return { account: connection.accountId, api: account.api }
  })
  if (typeof planned === 'string') return refuse(planned)
  try {
    const url = await ground.stripe.createOnboardingLink(platformScope(scope, connectionId), {
      ...planned,
      ...wayBack(ground.publicUrl, publicId('connection', connectionId)),
      idempotencyKey: `link:${id}`,
    })
    return done({ url })
  } catch (error) {
    if (!(error instanceof StripeFault)) throw error
    if (error.code !== 'account_invalid') return refuse(error.kind === 'auth' ? 'platform_key_refused' : 'stripe_away')
    await inScope(ground.database, scope, (rows) => markLeft(rows, connectionId, 'stripe'))
    return refuse('account_left')
  }
}
