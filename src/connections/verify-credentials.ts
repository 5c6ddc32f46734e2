/**
 * Asks Stripe about pasted credentials and writes nothing (STR-144, steps 2 to 4): does the secret key work and for which account, may
 * it act for a given Account ID, and does the publishable key belong to the same account. All of it within 20 seconds. A restricted
 * key that may not make SetupIntents skips the last question and is accepted as unproven (STR-22).
 */
import { done, type AccountId, type Outcome, type Scope, type Uuid } from '#kernel'
import { newId, type Clock, type Secret } from '#platform'
import {
  StripeFault,
  type AccountSeen,
  type CallTrace,
  type Probe,
  type StripeGateway,
  type StripeScope,
} from '#stripe'
import { refusalOfFault, refuse, shortAccount, type ConnectionProblem, type Refused } from './problems.ts'

export type Verified = {
  /** Unknown when the key may not read its account and no Account ID was given. */
  readonly accountId: AccountId | null
  readonly account: AccountSeen | undefined
  readonly sendsAccountHeader: boolean
  /** Kept, so that Test Connection can ask again with a GET; undefined when step 4 was skipped. */
  readonly probe: Probe | undefined
  /** One line per call, for the progress list. */
  readonly calls: readonly CallTrace[]
}

export type Credentials = {
  readonly scope: Scope
  /** The connection these keys would belong to; paces the calls and stands in the log. */
  readonly connectionId: Uuid
  readonly publishableKey: string
  readonly secretKey: Secret
  readonly accountId: AccountId | undefined
}

const limitMs = 20_000

export async function verifyCredentials(
  ground: { readonly stripe: StripeGateway; readonly clock: Clock },
  credentials: Credentials,
): Promise<Outcome<Verified, ConnectionProblem>> {
  const calls: CallTrace[] = []
  const timer = Promise.withResolvers<Refused>()
  const timeout = setTimeout(
    () => timer.resolve(refuse('stripe_unreachable', { words: { reason: 'timeout' } })),
    limitMs,
  )
  try {
    return await Promise.race([askAll(ground, credentials, calls), timer.promise])
  } finally {
    clearTimeout(timeout)
  }
}

type Asking = { readonly stripe: StripeGateway; readonly clock: Clock }

async function askAll(
  { stripe, clock }: Asking,
  credentials: Credentials,
  calls: CallTrace[],
): Promise<Outcome<Verified, ConnectionProblem>> {
  const { operatorId, mode } = credentials.scope
  const scope: StripeScope = {
    credential: credentials.secretKey,
    mode,
    operatorId,
    connectionId: credentials.connectionId,
    handling: { timeoutMs: 8_000, retries: 0, onAnswer: (trace) => calls.push(trace) },
  }
  try {
    const own = await readOwnAccount(stripe, scope)
    const acting = await readActingAccount(stripe, { scope, own, wanted: credentials.accountId })
    if (acting === 'refused')
      return refuse('account_not_allowed', { field: '/accountId', words: { account: credentials.accountId ?? '' } })
    const acts: StripeScope =
      acting.sendsAccountHeader && acting.accountId ? { ...scope, account: acting.accountId } : scope
    const probe = await shakeHands(stripe, {
      scope: acts,
      publishableKey: credentials.publishableKey,
      keyPart: newId(clock),
    })
    if (probe === 'other_account') {
      const account = acting.accountId ? { account: shortAccount(acting.accountId) } : {}
      return refuse('keys_of_two_accounts', { field: '/publishableKey', words: account })
    }
    return done({ ...acting, probe, calls })
  } catch (error) {
    if (error instanceof StripeFault) return refusalOfFault(error)
    throw error
  }
}

/** Step 2. A key without the right to read its account proves itself by the balance; the account stays unknown. */
async function readOwnAccount(stripe: StripeGateway, scope: StripeScope): Promise<AccountSeen | undefined> {
  try {
    return await stripe.readAccount(scope)
  } catch (error) {
    if (!(error instanceof StripeFault) || error.kind !== 'permission') throw error
  }
  await stripe.readBalance(scope)
  return undefined
}

type Acting = Pick<Verified, 'accountId' | 'account' | 'sendsAccountHeader'>

/** Step 3. An Account ID that is the key's own changes nothing; another one must be readable with this key. */
async function readActingAccount(
  stripe: StripeGateway,
  { scope, own, wanted }: { scope: StripeScope; own: AccountSeen | undefined; wanted: AccountId | undefined },
): Promise<Acting | 'refused'> {
  if (wanted === undefined || wanted === own?.id)
    return { accountId: own?.id ?? null, account: own, sendsAccountHeader: false }
  try {
    const account = await stripe.readAccountById(scope, wanted)
    return { accountId: wanted, account, sendsAccountHeader: true }
  } catch (error) {
    if (!(error instanceof StripeFault) || !refusesAccount(error)) throw error
  }
  if (own) return 'refused'
  try {
    await stripe.readBalance({ ...scope, account: wanted })
    return { accountId: wanted, account: undefined, sendsAccountHeader: true }
  } catch (error) {
    if (error instanceof StripeFault && refusesAccount(error)) return 'refused'
    throw error
  }
}

function refusesAccount(fault: StripeFault): boolean {
  return (
    fault.kind === 'permission' ||
    fault.kind === 'missing' ||
    fault.kind === 'invalid' ||
    fault.kind === 'unexpected_response'
  )
}

/** Step 4. Undefined: the key may not make SetupIntents, so nothing was proven. */
async function shakeHands(
  stripe: StripeGateway,
  { scope, publishableKey, keyPart }: { scope: StripeScope; publishableKey: string; keyPart: string },
): Promise<Probe | 'other_account' | undefined> {
  let probe: Probe
  try {
    probe = await stripe.createProbe(scope, { idempotencyKey: `probe:${keyPart}` })
  } catch (error) {
    if (error instanceof StripeFault && error.kind === 'permission') return undefined
    throw error
  }
  try {
    const verdict = await stripe.readProbe(scope, { publishableKey, probe })
    return verdict === 'same_account' ? probe : verdict
  } finally {
    await cancelQuietly(stripe, { scope, probe, keyPart })
  }
}

/** A probe left open charges nobody and says nothing, so failing to cancel it is no reason to refuse the keys. */
async function cancelQuietly(
  stripe: StripeGateway,
  { scope, probe, keyPart }: { scope: StripeScope; probe: Probe; keyPart: string },
) {
  try {
    await stripe.cancelProbe(scope, probe, { idempotencyKey: `probe:${keyPart}:cancel` })
  } catch (error) {
    if (!(error instanceof StripeFault)) throw error
  }
}
