/**
 * The questions that only Stripe can answer: does the key still work, is the account able to charge, how does the endpoint stand, has a
 * payment moved there and not here. Every one is a GET; nothing changes at Stripe. The answers are kept, so that the cheap checks and the
 * screen need not ask again.
 */
import {
  endpointCheckOf,
  findEndpoint,
  findOwnKeysConnection,
  stripeScopeOf,
  testConnection,
  withFaultsExplained,
  type Connection,
  type ConnectionGround,
} from '#connections'
import { done, publicId, type Outcome, type Scope } from '#kernel'
import { listUnfinishedPayments } from '#payments'
import { inScope } from '#platform'
import { StripeFault } from '#stripe'
import type { Ask } from './known.ts'
import { refuse } from './problems.ts'
import { findAsk, writeAsk } from './store.ts'
import { watchTroubles } from './watch.ts'

const graceMs = 2 * 60_000
const paymentsAsked = 20

/** @returns a refusal without a connection. What Stripe answers badly is an answer, too. */
export async function askStripe(ground: ConnectionGround, scope: Scope): Promise<Outcome<Ask>> {
  const tested = await testConnection(ground, scope)
  if (!tested.ok) return tested
  const ask = await keepAnswer(ground, scope, {
    report: tested.value,
    more: async (connection) => ({
      misplaced: await findMisplaced(ground, scope),
      moved: await countMoved(ground, { scope, connection }),
    }),
  })
  return ask ? done(ask) : refuse('no_connection_to_check')
}

/** Test Connection was pressed elsewhere: what it found is known here from now on. */
export async function recordTest(ground: ConnectionGround, scope: Scope, report: TestReport): Promise<void> {
  await keepAnswer(ground, scope, {
    report,
    more: async ({ id }) => {
      const before = await inScope(ground.database, scope, (rows) => findAsk(rows, id))
      return { misplaced: before?.misplaced, moved: before?.moved }
    },
  })
}

type TestReport = Extract<Awaited<ReturnType<typeof testConnection>>, { ok: true }>['value']
type More = Pick<Ask, 'misplaced' | 'moved'>

async function keepAnswer(
  ground: ConnectionGround,
  scope: Scope,
  { report, more }: { readonly report: TestReport; readonly more: (connection: Connection) => Promise<More> },
): Promise<Ask | undefined> {
  const { title, rows, testedAt } = report
  const hasPassed = title.startsWith('Connection works')
  const connection = await inScope(ground.database, scope, findOwnKeysConnection)
  if (!connection) return undefined
  const found = hasPassed ? await more(connection) : { misplaced: undefined, moved: undefined }
  const ask: Ask = {
    // After the look at the endpoint, so that a later look by somebody else is seen to be later.
    askedAt: ground.database.clock.now(),
    passedAt: hasPassed ? testedAt : undefined,
    keyFingerprint: connection.keyFingerprint,
    title,
    rows: rows.map(({ row, state, text, durationMs }) => ({ row, state, text, ...(durationMs && { durationMs }) })),
    ...found,
  }
  await inScope(ground.database, scope, async (handle) => {
    await writeAsk(handle, connection.id, ask)
    await watchTroubles(handle)
  })
  return ask
}

/** Looks at the endpoint once more, so that its check is of this minute, and for one that stands at a wrong address. */
async function findMisplaced(ground: ConnectionGround, scope: Scope): Promise<Ask['misplaced']> {
  const check = await endpointCheckOf(ground, scope)
  if (!check.ok || check.value.isFound) return undefined
  const looked = await withFaultsExplained(() => findEndpoint(ground, scope))
  if (!looked.ok) return undefined
  const { endpoints, connection } = looked.value
  const isOurs = ({ metadata, url }: (typeof endpoints)[number]) =>
    metadata['rentroll_operator'] === connection.operatorId || url.includes(connection.endpointToken)
  const misplaced = endpoints.find(isOurs)
  return misplaced && { id: misplaced.id, url: withoutToken(misplaced.url, connection) }
}

/** The end of the address is what lets deliveries in; it is not for reports. */
function withoutToken(url: string, { endpointToken }: Connection): string {
  return url.replaceAll(endpointToken, '••••')
}

async function countMoved(
  ground: ConnectionGround,
  { scope, connection }: { readonly scope: Scope; readonly connection: Connection },
): Promise<Ask['moved']> {
  const before = new Date(ground.database.clock.now().getTime() - graceMs)
  const open = await inScope(ground.database, scope, listUnfinishedPayments)
  const asked = open.filter(({ connectionId, createdAt }) => connectionId === connection.id && createdAt < before)
  const stripeScope = stripeScopeOf(ground.box, connection)
  const moved: (typeof asked)[number][] = []
  try {
    for (const payment of asked.slice(0, paymentsAsked)) {
      if (!payment.stripePaymentIntentId) continue
      const intent = await ground.stripe.findPaymentIntent(stripeScope, payment.stripePaymentIntentId)
      if (intent?.status === 'succeeded' || intent?.status === 'canceled') moved.push(payment)
    }
  } catch (error) {
    if (!(error instanceof StripeFault)) throw error
    return undefined
  }
  const invoiceId = moved[0]?.invoiceId
  return { payments: moved.length, invoiceId: invoiceId && publicId('invoice', invoiceId) }
}
