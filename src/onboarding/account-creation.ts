/**
 * Connect Stripe (STR-29, STR-30): one account per operator and mode, whatever is clicked how often. The row comes first and holds what the
 * account is made with; its id is the idempotency key, so that whoever comes after a crash gets the same account from Stripe. What
 * surprises: after most of a day Stripe has forgotten the key, so an old row is looked up among the accounts before anything is made.
 */
import { noteAudit } from '#audit'
import {
  closeConnectConnection,
  ensureConnectConnection,
  findConnectConnection,
  findFormerConnectConnection,
  getConnection,
  isPublicAddress,
  type Connection,
} from '#connections'
import { accountCountries, done, publicId, type AccountId, type Outcome, type Scope, type Uuid } from '#kernel'
import { getCompany } from '#operators'
import { inScope } from '#platform'
import { StripeFault, type AccountsApi, type ConnectedAccountSeen } from '#stripe'
import { keepSeen } from './follow-account.ts'
import {
  capabilitiesOf,
  platformScope,
  type BusinessType,
  type ConnectAccount,
  type OnboardingGround,
} from './onboarding.ts'
import { refuse, refuseCurrency, type OnboardingProblem } from './problems.ts'
import { findAccount, insertAccount, updateAccount } from './store.ts'

export type ConnectRequest = {
  readonly scope: Scope
  readonly country: string
  /** One that Stripe pays out in there; Stripe takes the country's own where nothing is said. */
  readonly currency?: string | undefined
  readonly businessType?: BusinessType | undefined
  readonly email?: string | undefined
  /** A new account, although a disconnected one could come back. */
  readonly isFresh?: boolean
}

type Connected = Outcome<{ readonly connectionId: Uuid }, OnboardingProblem>

export async function connectAccount(ground: OnboardingGround, request: ConnectRequest): Promise<Connected> {
  const { scope } = request
  if (!ground.stripe.hasPlatformKey(scope.mode)) return refuse('platform_missing')
  const offered = accountCountries.get(request.country)
  if (request.currency !== undefined && offered?.includes(request.currency) === false) return refuseCurrency(offered)
  const former = request.isFresh ? undefined : await findFormer(ground, request)
  if (former) return revive(ground, scope, former)
  const connectionId = await inScope(ground.database, scope, async (rows) => {
    const { connection, isFresh } = await ensureConnectConnection(rows)
    if (!isFresh) return connection.id
    const { slug } = await getCompany(rows)
    await insertAccount(rows, {
      connectionId: connection.id,
      country: request.country,
      currency: request.currency ?? null,
      businessType: request.businessType ?? null,
      email: request.email ?? '',
      // Stripe refuses an address it could not reach.
      website: isPublicAddress(ground.publicUrl) ? `${ground.publicUrl}/book/${slug}` : '',
    })
    noteAudit(rows, {
      action: 'connection.connect_started',
      object: { kind: 'connection', id: publicId('connection', connection.id) },
      after: {
        country: request.country,
        currency: request.currency ?? null,
        businessType: request.businessType ?? null,
      },
    })
    return connection.id
  })
  return finishAccount(ground, scope, connectionId)
}

/** The account of a row that has none yet, made or found; also what is done about a row that a crash left behind. */
export async function finishAccount(ground: OnboardingGround, scope: Scope, connectionId: Uuid): Promise<Connected> {
  const beganAt = ground.database.clock.now()
  const before = await inScope(ground.database, scope, (rows) => getConnection(rows, connectionId))
  if (before.accountId !== null || before.state === 'disconnected') return done({ connectionId })
  try {
    const seen = await makeOrFind(ground, scope, before)
    await inScope(ground.database, scope, (rows) => keepSeen(rows, { connectionId, seen, beganAt }))
    return done({ connectionId })
  } catch (error) {
    if (!(error instanceof StripeFault)) throw error
    const code = refusalOf(error)
    // Nothing was made, so the next click may ask for something else.
    if (code === 'account_refused' || code === 'currency_refused')
      await inScope(ground.database, scope, (rows) => closeConnectConnection(rows, connectionId, 'stripe'))
    return refuse(code)
  }
}

/** v1 forgets a key after a day, v2 after thirty. */
const keyWorksMs = { v1: 20 * 3_600_000, v2: 29 * 86_400_000 } as const

async function makeOrFind(
  ground: OnboardingGround,
  scope: Scope,
  connection: Connection,
): Promise<ConnectedAccountSeen> {
  const { stripe, database } = ground
  const account = await inScope(database, scope, (rows) => findAccount(rows, connection.id))
  if (!account) throw new Error(`connection ${connection.id} has no account to make`)
  const asked = platformScope(scope, connection.id)
  const { api, createdAt } = account
  if (database.clock.now().getTime() - createdAt.getTime() > keyWorksMs[api]) {
    const found = await stripe.findConnectedAccount(asked, { createdSince: createdAt, api })
    if (found) return found
  }
  if (api === 'v2') return stripe.createConnectedAccount(asked, wishOf(account))
  try {
    return await stripe.createConnectedAccount(asked, wishOf(account))
  } catch (error) {
    if (!(error instanceof StripeFault) || !asksForV2(error)) throw error
    await inScope(database, scope, (rows) => updateAccount(rows, connection.id, { api: 'v2' }))
    return stripe.createConnectedAccount(asked, wishOf({ ...account, api: 'v2' }))
  }
}

function wishOf({ connectionId, api, country, currency, businessType, email, website }: ConnectAccount) {
  return {
    api,
    country,
    currency: currency ?? undefined,
    email,
    website,
    businessType: businessType ?? undefined,
    capabilities: capabilitiesOf(country),
    metadata: { rentroll_connection: connectionId },
    idempotencyKey: api === 'v1' ? `acct:${connectionId}` : `acct:${connectionId}:v2`,
  }
}

/** Stripe makes accounts for this platform in its newer API alone (STR-30), and made none. How it says so is not proven (STR-155). */
function asksForV2(fault: StripeFault): boolean {
  return !fault.isOutcomeUnknown && /accounts? v2|\/v2\/core\/accounts/i.test(fault.message)
}

function refusalOf(fault: StripeFault): OnboardingProblem {
  if (fault.kind === 'auth') return 'platform_key_refused'
  if (fault.kind === 'permission' || fault.code === 'platform_account_required') return 'platform_permission'
  if (fault.kind !== 'invalid') return 'account_unclear'
  return fault.parameter?.includes('currency') ? 'currency_refused' : 'account_refused'
}

/** The account that drains or was disconnected last, where none is connected now and it is of the country that is wished for. */
function findFormer(ground: OnboardingGround, { scope, country }: ConnectRequest): Promise<Former | undefined> {
  return inScope(ground.database, scope, async (rows) => {
    const present = await findConnectConnection(rows)
    if (present && present.state !== 'disconnecting') return undefined
    const former = present ?? (await findFormerConnectConnection(rows))
    const account = former && (await findAccount(rows, former.id))
    if (!former?.accountId || account?.country !== country) return undefined
    return { connectionId: former.id, id: former.accountId, api: account.api }
  })
}

type Former = { readonly connectionId: Uuid; readonly id: AccountId; readonly api: AccountsApi }

/** The same account comes back into the same row, so that its payments and saved cards live again (STR-38). */
async function revive(ground: OnboardingGround, scope: Scope, former: Former): Promise<Connected> {
  const beganAt = ground.database.clock.now()
  const { connectionId } = former
  try {
    const seen = await ground.stripe.readConnectedAccount(platformScope(scope, connectionId), former)
    await inScope(ground.database, scope, async (rows) => {
      // Of two tabs the second finds what the first brought back.
      const present = await findConnectConnection(rows)
      if (!present || present.id === connectionId)
        await keepSeen(rows, { connectionId, seen, beganAt, isReturning: true })
      const object = { kind: 'connection', id: publicId('connection', connectionId) }
      noteAudit(rows, { action: 'connection.connect_returned', object, after: { account: former.id } })
    })
    return done({ connectionId })
  } catch (error) {
    if (!(error instanceof StripeFault)) throw error
    if (error.code === 'account_invalid') return refuse('account_left')
    return refuse(error.kind === 'auth' ? 'platform_key_refused' : 'stripe_away')
  }
}
