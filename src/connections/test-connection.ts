/**
 * Test Connection (STR-24): every question is a GET. Nothing changes at Stripe, and here only the time of the test; a failed test never
 * touches stored keys, but a key Stripe no longer accepts is marked broken.
 */
import { done, type Outcome, type Scope } from '#kernel'
import { inScope } from '#platform'
import { StripeFault, type CallTrace, type StripeScope } from '#stripe'
import { judgeRows, titleOf, type KeyAnswer, type RestAnswers, type TestReport } from './connection-report.ts'
import { openProbe, stripeScopeOf, type Connection, type ConnectionGround } from './connection.ts'
import { recheckKey } from './dead-keys.ts'
import { findEndpoint } from './endpoints.ts'
import { refuse, type ConnectionProblem } from './problems.ts'
import { findOwnKeysConnection, listEndpointSecrets, updateConnection } from './store.ts'

export async function testConnection(
  ground: ConnectionGround,
  scope: Scope,
): Promise<Outcome<TestReport, ConnectionProblem>> {
  const before = await inScope(ground.database, scope, readBefore)
  if (!before) return refuse('no_connection')
  const testedAt = ground.database.clock.now()
  const calls: CallTrace[] = []
  const handling = { timeoutMs: 10_000, retries: 0, onAnswer: (trace: CallTrace) => void calls.push(trace) }
  const stripeScope = { ...stripeScopeOf(ground.box, before.connection), handling }
  const key = await askKey(ground, stripeScope)
  const rest = key.fault ? undefined : await askRest(ground, { scope, stripeScope, connection: before.connection })
  if (key.fault?.kind === 'auth') await recheckKey(ground, scope, before.connection.id)
  await inScope(ground.database, scope, (rows) =>
    updateConnection(rows, before.connection.id, { lastTestedAt: testedAt }),
  )
  const rows = judgeRows({ ...before, key, rest, calls, testedAt })
  return done({ title: titleOf(rows), rows, testedAt })
}

async function readBefore(rows: Parameters<typeof findOwnKeysConnection>[0]) {
  const connection = await findOwnKeysConnection(rows)
  if (!connection || connection.keySealed === null) return undefined
  return { connection, secrets: await listEndpointSecrets(rows, connection.id) }
}

async function askKey({ stripe }: ConnectionGround, scope: StripeScope): Promise<KeyAnswer> {
  const account = await answered(stripe.readAccount(scope))
  if (!(account instanceof StripeFault)) return { account }
  if (account.kind !== 'permission') return { fault: account }
  const balance = await answered(stripe.readBalance(scope))
  return balance instanceof StripeFault ? { fault: balance } : {}
}

type Asked = { readonly scope: Scope; readonly stripeScope: StripeScope; readonly connection: Connection }

/** The questions that do not depend on one another, at once; each answer may be a fault of its own. */
async function askRest(ground: ConnectionGround, { scope, stripeScope, connection }: Asked): Promise<RestAnswers> {
  const probe = openProbe(ground.box, connection)
  const { publishableKey, keyKind } = connection
  const [handshake, unreadable, endpoint] = await Promise.all([
    probe ? answered(ground.stripe.readProbe(stripeScope, { publishableKey, probe })) : undefined,
    keyKind === 'restricted' ? answered(ground.stripe.listUnreadable(stripeScope)) : undefined,
    answered(findEndpoint(ground, scope)),
  ])
  return { handshake, unreadable, endpoint }
}

/** The answer or the fault, so that one row's trouble does not hide the others. */
async function answered<Value>(asking: Promise<Value>): Promise<Value | StripeFault> {
  try {
    return await asking
  } catch (error) {
    if (error instanceof StripeFault) return error
    throw error
  }
}
