/**
 * Test Connection (STR-24): every question is a GET. Nothing changes at Stripe, and here only the time of the test; a failed test never
 * touches stored keys, but a key Stripe no longer accepts is marked broken. So is one that dies in use (STR-28): one 401 could be a hiccup,
 * so it is asked once more; still 401 means `broken`: charges wait, nothing fails, nothing is dunned, and replacing the key lets
 * everything go on.
 */
import { done, type Outcome, type Scope, type Uuid } from '#kernel'
import { inScope, recordFact, type ScopedHandle } from '#platform'
import { StripeFault, type CallTrace, type StripeScope } from '#stripe'
import { judgeRows, titleOf, type KeyAnswer, type RestAnswers, type TestReport } from './connection-report.ts'
import { mayMove } from './connection-state.ts'
import { isJoined, openProbe, stripeScopeOf, type Connection, type ConnectionGround } from './connection.ts'
import { findEndpoint } from './endpoints.ts'
import { refuse, type ConnectionProblem } from './problems.ts'
import { findOwnKeysConnection, getConnection, listEndpointSecrets, lockConnection, updateConnection } from './store.ts'

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

/** Writes it down after a second 401. Saying it twice changes nothing. */
export async function markBroken(
  rows: ScopedHandle,
  { connectionId }: { readonly connectionId: Uuid; readonly reason?: string },
): Promise<void> {
  const connection = await lockConnection(rows, connectionId)
  if (connection.state === 'broken' || !mayMove(connection.state, 'broken')) return
  await updateConnection(rows, connectionId, { state: 'broken' })
  await recordFact(rows, { name: 'connection.broken', ids: { connection: connectionId } })
}

/** Call this on a 401 in normal work, outside any transaction. @returns whether the key is dead; if so it is marked. */
export async function recheckKey(
  ground: Pick<ConnectionGround, 'database' | 'box' | 'stripe'>,
  scope: Scope,
  connectionId: Uuid,
): Promise<boolean> {
  const connection = await inScope(ground.database, scope, (rows) => getConnection(rows, connectionId))
  if (!isJoined(connection)) return true
  try {
    await ground.stripe.readBalance(stripeScopeOf(ground.box, connection))
    return false
  } catch (error) {
    if (!(error instanceof StripeFault)) throw error
    if (error.kind !== 'auth') return false
  }
  await inScope(ground.database, scope, async (rows) => {
    const present = await getConnection(rows, connectionId)
    // Somebody may have replaced the key while Stripe was asked about the old one. A connected account that left, or a platform's key
    // that died, is told apart by reading the account (STR-34): until then its money waits.
    if (present.keyFingerprint === connection.keyFingerprint) await markBroken(rows, { connectionId })
  })
  return true
}
