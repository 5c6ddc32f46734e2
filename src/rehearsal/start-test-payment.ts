/**
 * Run a test payment (UI-130): in test mode only, a real invoice over 1.00 to a renter of its own, finalised and charged to Stripe's test
 * card by the ordinary deeds. Asking again with the same key is the same payment. What surprises: an invoice of an earlier try that still
 * waits is charged instead of writing another.
 */
import { assert, done, type Outcome, type Scope, type Uuid } from '#kernel'
import { finaliseInvoice, insertDraft, listInvoices } from '#billing'
import { findChargingConnection, lockConnection, recheckKey, stripeScopeOf, type Connection } from '#connections'
import { findPaymentByRequestKey, requestCharge, type MoneyGround } from '#payments'
import { inScope, newId, type ScopedHandle } from '#platform'
import { createRenter, ensureCustomer, findDefaultMethod, insertSetup, lockRenter, onStripeSetupIntent } from '#renters'
import { getLocation, todayAt, type Location } from '#spaces'
import { StripeFault } from '#stripe'
import { refuse } from './problems.ts'
import { findTestPayer, insertTestPayer } from './store.ts'
import { findHindrance, testAmount } from './test-payment.ts'

export type TestPaymentWish = {
  /** A uuid made with the button. */
  readonly requestKey: Uuid
  readonly actor: string
}

type Wish = TestPaymentWish & { readonly chargeKey: string }

/** @returns the payment that will be sent; its end is read through `readTestPayment`. */
export async function startTestPayment(
  ground: MoneyGround,
  scope: Scope,
  asked: TestPaymentWish,
): Promise<Outcome<{ paymentId: string }>> {
  if (scope.mode === 'live') return refuse('live_moves_money')
  const wish = { ...asked, chargeKey: `test:${asked.requestKey}` }
  const begun = await inScope(ground.database, scope, (rows) => begin(rows, wish))
  if (!begun.ok) return begun
  const { renterId, connection, isCardWanted, paymentId } = begun.value
  if (paymentId !== undefined) return done({ paymentId })
  const refusal = isCardWanted ? await saveCard(ground, scope, { ...wish, renterId, connection }) : undefined
  return refusal ?? inScope(ground.database, scope, (rows) => charge(rows, { ...wish, renterId }))
}

type Begun = {
  readonly renterId: Uuid
  readonly connection: Connection
  readonly isCardWanted: boolean
  /** Made before under the same key. */
  readonly paymentId?: string
}

/** Finds or makes the renter, and writes the intent of saving the card before Stripe is asked for it. */
async function begin(rows: ScopedHandle, { requestKey, chargeKey, actor }: Wish): Promise<Outcome<Begun>> {
  const charging = await findChargingConnection(rows)
  // Held, so that of two presses at once the second finds the renter of the first.
  const connection = charging && (await lockConnection(rows, charging.id))
  const hindrance = findHindrance(rows.scope.mode, connection)
  if (hindrance || !connection) return refuse(hindrance ?? 'not_connected')
  const renterId = (await findTestPayer(rows)) ?? (await makeTestPayer(rows, actor))
  const before = await findPaymentByRequestKey(rows, chargeKey)
  if (before) return done({ renterId, connection, isCardWanted: false, paymentId: before.id })
  const isCardWanted = !(await findDefaultMethod(rows, { renterId, connectionId: connection.id }))
  const expiresAt = new Date(rows.clock.now().getTime() + cardLifeMs)
  if (isCardWanted)
    await insertSetup(rows, { id: requestKey, renterId, connectionId: connection.id, returnTo: '', expiresAt, actor })
  return done({ renterId, connection, isCardWanted })
}

/** A card that Stripe has not told about by then is given up; the next press asks for another. */
const cardLifeMs = 3_600_000

async function makeTestPayer(rows: ScopedHandle, actor: string): Promise<Uuid> {
  const made = await createRenter(rows, { kind: 'person', name: 'Test payment', actor })
  assert(made.ok, 'the renter of test payments was refused')
  await insertTestPayer(rows, made.value.id)
  return made.value.id
}

type CardWish = Wish & { readonly renterId: Uuid; readonly connection: Connection }

/** @returns the refusal when the card could not be saved. */
async function saveCard(ground: MoneyGround, scope: Scope, { requestKey, renterId, connection }: CardWish) {
  const { id: connectionId } = connection
  try {
    const observed = await ground.stripe.saveTestCard(stripeScopeOf(ground.box, connection), {
      customer: await ensureCustomer(ground, scope, { renterId, connectionId }),
      metadata: { rentroll_setup: requestKey, rentroll_renter: renterId },
      idempotencyKey: `setup:${requestKey}`,
    })
    const { apply } = onStripeSetupIntent(ground)
    const verdict = await inScope(ground.database, scope, (rows) => apply(rows, connectionId, observed))
    return verdict === 'done' ? undefined : refuse('test_card_refused')
  } catch (error) {
    if (!(error instanceof StripeFault)) throw error
    if (error.kind === 'auth') await recheckKey(ground, scope, connectionId)
    const isRefusal = error.kind !== 'conflict' && error.kind !== 'rate' && !error.isOutcomeUnknown
    return refuse(isRefusal ? 'test_card_refused' : 'stripe_away')
  }
}

/** One transaction from the invoice to the intent of its charge. */
async function charge(
  rows: ScopedHandle,
  { renterId, chargeKey, actor }: Wish & { readonly renterId: Uuid },
): Promise<Outcome<{ paymentId: string }>> {
  await lockRenter(rows, renterId)
  const before = await findPaymentByRequestKey(rows, chargeKey)
  if (before) return done({ paymentId: before.id })
  const location = await getLocation(rows)
  const { amountMinor, currency } = testAmount(location.currency)
  const open = await listInvoices(rows, { renterId, statuses: ['open'], limit: 100 })
  const waiting = open.find(
    (invoice) => invoice.kind === 'test' && invoice.currency === currency && invoice.openMinor === amountMinor,
  )
  const invoiceId = waiting?.id ?? (await writeInvoice(rows, { renterId, location, amountMinor, actor }))
  return requestCharge(rows, { invoiceId, requestKey: chargeKey, actor })
}

type Bill = {
  readonly renterId: Uuid
  readonly location: Location
  readonly amountMinor: bigint
  readonly actor: string
}

/** One line without tax, due today. It has no charge date: whoever pressed the button asks for the charge. */
async function writeInvoice(rows: ScopedHandle, { renterId, location, amountMinor, actor }: Bill): Promise<Uuid> {
  const invoiceId = newId(rows.clock)
  const today = todayAt(location, rows.clock)
  await insertDraft(rows, {
    id: invoiceId,
    kind: 'test',
    renterId,
    locationId: location.id,
    currency: location.currency,
    issueOn: today,
    dueOn: today,
    subtotalMinor: amountMinor,
    taxMinor: 0n,
    totalMinor: amountMinor,
    lines: [
      {
        lineNo: 1,
        kind: 'other',
        description: 'Test payment',
        quantity: '1',
        unitMinor: amountMinor,
        netMinor: amountMinor,
        taxMinor: 0n,
        totalMinor: amountMinor,
        taxName: 'No tax',
        taxPercent: '0',
        taxTreatment: 'out_of_scope',
      },
    ],
  })
  await finaliseInvoice(rows, { invoiceId, actor })
  return invoiceId
}
