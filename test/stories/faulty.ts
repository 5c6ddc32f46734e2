/**
 * A check-out paid by saved card while the sandbox misbehaves, and what must be true when it has stopped: the invoice Paid, one charge at
 * the sandbox, books that hold and say what the sandbox says. Each lane is an operator with a sandbox account of its own, so that lanes
 * go wrong side by side without touching each other.
 */
import { expect } from 'vitest'
import { inScope } from '#platform'
import { eventually, expectBooksToHold, requestKey, type Product, type Session } from '#test/product'
import { operatorIdOf, untilAtRest } from './fingerprints.ts'
import { cardOnFile, checkOut, furnish, invoiceOf, saveCard, signUp } from './walk.ts'

/** As `POST /_sandbox/faults` takes it; the account is filled in. */
export type FaultWish = {
  readonly where: 'api' | 'webhook'
  readonly effect: string | { readonly kind: string; readonly [setting: string]: unknown }
  readonly match?: {
    readonly method?: string
    readonly path?: string
    readonly probability?: number
    readonly nth?: number
  }
  readonly times?: number
}

export type Lane = {
  readonly product: Product
  readonly session: Session
  readonly operatorId: string
  readonly account: string
  readonly secretKey: string
  readonly publishableKey: string
}

export async function control(product: Product, method: string, path: string, body?: unknown): Promise<any> {
  const reply = await fetch(`${product.sandbox.url}/_sandbox${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const answer = await reply.json()
  if (!reply.ok) throw new Error(`the sandbox refused ${path}: ${JSON.stringify(answer)}`)
  return answer
}

export async function openLane(product: Product, name: string): Promise<Lane> {
  const { id: account, keys } = await control(product, 'POST', '/accounts', { name, country: 'AU', currency: 'aud' })
  const session = await signUp(product, name)
  const lane = {
    product,
    session,
    operatorId: await operatorIdOf(product, session),
    account,
    secretKey: keys.test.secret,
    publishableKey: keys.test.publishable,
  }
  await pasteKeys(lane)
  await session.good('POST', '/connections/stripe/endpoint')
  await control(product, 'POST', '/funds', { account, mode: 'test', currency: 'aud', amountMinor: 1_000_000 })
  return lane
}

/** What a person does when Rentroll says that the key no longer works. */
export async function pasteKeys({ session, publishableKey, secretKey }: Lane): Promise<void> {
  await session.good('PUT', '/connections/stripe', { publishableKey, secretKey })
}

/** Arms them for this lane only. @returns a function that ends those that are left. */
export async function provoke(lane: Lane, wishes: readonly FaultWish[]): Promise<() => Promise<void>> {
  const armed: { id: string }[] = []
  for (const wish of wishes) {
    const kind = typeof wish.effect === 'string' ? wish.effect : wish.effect.kind
    const match = kind === 'refuse' ? {} : { ...wish.match, account: lane.account }
    armed.push(await control(lane.product, 'POST', '/faults', { ...wish, match }))
  }
  return async () => {
    const left = lane.product.sandbox.stripe as unknown as { faults: { clear(id: string): number } }
    for (const { id } of armed) left.faults.clear(id)
  }
}

export async function renterWithCard({ session, product }: Lane) {
  const set = await furnish(session)
  await saveCard(session, product, set.renterId)
  await cardOnFile(session, set.renterId)
  return set
}

/** How often faults struck this lane since the log began. */
export async function hitsOf({ product, account }: Lane): Promise<number> {
  const hits: { subject: { account?: string } }[] = await control(product, 'GET', '/faults/hits')
  return hits.filter(({ subject }) => subject.account === account).length
}

/** Time passes: what waits for a retry here, at the sandbox and between them comes now, until it is there. */
export async function converge<Value>(
  lane: Lane,
  read: () => Promise<Value>,
  isThere: (value: Value) => boolean,
  limitMs = 20_000,
): Promise<Value> {
  const turn = async (): Promise<Value> => {
    const value = await read()
    if (isThere(value)) return value
    lane.product.clock.advance(2_000)
    await lane.product.ground.jobs.shift(60_000)
    return read()
  }
  return eventually(turn, isThere, limitMs)
}

/** The invoice of a check-out during which `wishes` were armed, after they ended and everything came to rest. */
export async function payThrough(
  lane: Lane,
  wishes: readonly FaultWish[],
  humanPart: (invoiceId: string) => Promise<void> = async () => undefined,
): Promise<any> {
  const set = await renterWithCard(lane)
  const before = await hitsOf(lane)
  const end = await provoke(lane, wishes)
  const { invoiceId } = await checkOut(lane.session, set)
  const isPortClosed = wishes.some(({ effect }) => typeof effect === 'object' && effect.kind === 'refuse')
  if (!isPortClosed) {
    await converge(
      lane,
      () => hitsOf(lane),
      (hits) => hits > before,
    )
  }
  await eventually(
    () => invoiceOf(lane.session, invoiceId),
    ({ label }) => label.text === 'Paid' || label.text === 'Payment Failed',
    1_500,
  ).catch(() => undefined)
  await end()
  await humanPart(invoiceId)
  return converge(
    lane,
    () => invoiceOf(lane.session, invoiceId),
    ({ label }) => label.text === 'Paid',
  )
}

type AtSandbox = { id: string; amount: number; status: string; metadata: Record<string, string>; refunds?: unknown }

export const listed = ({ product, account }: Lane, kind: 'charge' | 'refund' | 'balance_transaction'): any[] =>
  product.sandbox.stripe.listObjects(account, 'test', kind) as any[]

/** One charge that went well, over the whole amount, and none beside it. */
export function expectChargedOnce(lane: Lane, invoice: { payments: any[]; total: { amountMinor: string } }): void {
  const intents = new Set(invoice.payments.flatMap(({ stripeIds }) => stripeIds))
  const charges = (listed(lane, 'charge') as (AtSandbox & { payment_intent: string })[]).filter(
    ({ status, payment_intent: intent }) => status === 'succeeded' && intents.has(intent),
  )
  expect(charges.map(({ amount }) => String(amount))).toEqual([invoice.total.amountMinor])
}

/** Every charge and refund of the account is in the books, once, with its fee; nothing else is (TRU-176). */
export async function expectSameMoney(lane: Lane): Promise<void> {
  const { product, session, operatorId } = lane
  await untilAtRest(product, session, operatorId)
  const scope = { operatorId, mode: 'test' as const }
  await expectBooksToHold(product, scope)
  const read = () =>
    inScope(product.ground.database, scope, async (rows) => {
      const lines = await rows
        .selectFrom('app.ledger_lines')
        .select(['bt_id', 'amount_minor'])
        .where('account', '=', 'stripe_clearing')
        .where('operator_id', '=', operatorId)
        .execute()
      return lines.map((row) => `${row['bt_id']} ${row['amount_minor']}`).toSorted()
    })
  const there = listed(lane, 'balance_transaction')
    .filter(({ type }) => type !== 'topup')
    .map(({ id, net }) => `${id} ${net}`)
    .toSorted()
  const here = await converge(lane, read, (lines) => lines.length >= there.length)
  expect(here).toEqual(there)
}

export async function refundThrough(lane: Lane, invoice: any, wishes: readonly FaultWish[]): Promise<any> {
  const before = await hitsOf(lane)
  const end = await provoke(lane, wishes)
  await lane.session.good('POST', `/invoices/${invoice.id}/refund`, {
    requestKey: requestKey(),
    paymentId: invoice.payments.at(-1).id,
    amount: '1.00',
    reason: 'Requested',
  })
  await converge(
    lane,
    () => hitsOf(lane),
    (hits) => hits > before,
  )
  await end()
  return converge(
    lane,
    () => invoiceOf(lane.session, invoice.id),
    ({ refunds }) => refunds.length === 1 && refunds[0].state === 'succeeded',
  )
}
