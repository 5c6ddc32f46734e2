/**
 * Mandates: the payer's word that their bank account may be debited. A confirmation brings a new one, names one, or finds
 * the standing one of the method; one that ended is refused (SBX-29).
 */
import type Stripe from 'stripe'
import { refuse } from '../errors.ts'
import { emit } from '../objects/event.ts'
import { getByParameter, getByPath, idOf } from '../parts/reference.ts'
import { operation, shown } from '../protocol/operation.ts'
import type { ObjectModule } from '../protocol/operation.ts'
import { clearable, group, oneOf, required, text, timestamp } from '../protocol/parameters.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import type { DebitType } from './debit-types.ts'

const online = group({ ip_address: required(text(100)), user_agent: required(text(5000)) })

/** The parameter `mandate_data`. */
export const mandateData = clearable(
  group({
    customer_acceptance: required(
      group({
        type: required(oneOf('online', 'offline')),
        accepted_at: timestamp(),
        online,
        offline: clearable(group({})),
      }),
    ),
  }),
)

/** What a confirmation says about the mandate. */
export interface MandateWish {
  /** An id, or the payer's word given now; both left out, the method's standing mandate is used. */
  readonly named?: string | undefined
  readonly data?: ReturnType<typeof mandateData.read> | undefined
}

/** For one payment only, or from now on. */
type Reach = { readonly amount: number; readonly currency: string } | 'multi_use'

interface MandateSearch {
  readonly wish: MandateWish
  readonly method: Row<'payment_method'>
  readonly reach: Reach
  /** A new one waits until the account is verified, or the payer agreed at the bank. */
  readonly isPending: boolean
  readonly kind: 'payment_intent' | 'setup_intent'
}

/**
 * The mandate of a confirmation. Throws StripeRefusal when there is none, or it ended, or it is another account's.
 */
export function obtainMandate(space: Space, search: MandateSearch): { mandate: Row<'mandate'>; isNew: boolean } {
  const { wish, method, kind } = search
  const found = findMandate(space, search)
  if (found === undefined && wish.data != null) return { mandate: createMandate(space, search), isNew: true }
  if (found === undefined) {
    const message = `The payment method type ${method.object.type} needs a mandate, and none was found. Include \`mandate_data\` with the customer's acceptance.`
    // The code and the sentence for a confirmation without a mandate [U].
    throw refuse(message, { code: 'parameter_missing', param: 'mandate_data' })
  }
  const isOwn = idOf(found.object.payment_method) === method.id
  if (isOwn && found.object.status !== 'inactive') return { mandate: found, isNew: false }
  const reason = isOwn ? `has a status of ${found.object.status}` : `belongs to another payment method`
  throw refuse(`The mandate ${found.id} cannot be used because it ${reason}.`, {
    code: `${kind}_mandate_invalid`,
    param: wish.named === undefined ? 'payment_method' : 'mandate',
  })
}

function findMandate(space: Space, { wish, method }: MandateSearch): Row<'mandate'> | undefined {
  if (wish.named !== undefined) return getByParameter(space, 'mandate', { id: wish.named, param: 'mandate' })
  if (wish.data != null) return undefined
  const standing = [...space.newestFirst('mandate', { by: ['payment_method', method.id] })]
  return standing.find(({ object }) => object.type === 'multi_use')
}

function createMandate(space: Space, { wish, method, reach, isPending }: MandateSearch): Row<'mandate'> {
  const given = wish.data?.customer_acceptance
  const isOnline = given?.type === 'online'
  if (isOnline && given?.online === undefined) {
    const param = 'mandate_data[customer_acceptance][online]'
    throw refuse(`Missing required param: ${param}.`, { code: 'parameter_missing', param })
  }
  const id = space.world.ids.id('mandate')
  const type = method.object.type as DebitType
  const object: Stripe.Mandate = {
    id,
    object: 'mandate',
    customer_acceptance: {
      accepted_at: given?.accepted_at ?? space.world.nowSeconds(),
      type: given?.type ?? 'offline',
      ...(isOnline
        ? { online: { ip_address: given?.online?.ip_address ?? null, user_agent: given?.online?.user_agent ?? null } }
        : { offline: {} }),
    },
    livemode: space.isLive,
    ...(reach === 'multi_use' ? { multi_use: {} } : { single_use: { ...reach } }),
    payment_method: method.id,
    payment_method_details: { type, ...describe(space, id, type) },
    status: isPending ? 'pending' : 'active',
    type: reach === 'multi_use' ? 'multi_use' : 'single_use',
  }
  return space.insert('mandate', id, { object, hidden: {} })
}

function describe(space: Space, id: string, type: DebitType): Partial<Stripe.Mandate.PaymentMethodDetails> {
  const reference = id.slice(-12).toUpperCase()
  const url = `${space.world.publicUrl}/mandates/${id}`
  const build: Readonly<Record<DebitType, () => Partial<Stripe.Mandate.PaymentMethodDetails>>> = {
    us_bank_account: () => ({ us_bank_account: {} }),
    au_becs_debit: () => ({ au_becs_debit: { url } }),
    nz_bank_account: () => ({ nz_bank_account: {} }),
    payto: () => ({
      payto: {
        amount: null,
        amount_type: 'maximum',
        end_date: null,
        payment_schedule: 'adhoc',
        payments_per_period: null,
        purpose: null,
        start_date: null,
      },
    }),
    sepa_debit: () => ({ sepa_debit: { reference, url } }),
    bacs_debit: () => ({
      bacs_debit: {
        display_name: null,
        network_status: 'accepted',
        reference,
        revocation_reason: null,
        service_user_number: null,
        url,
      },
    }),
    acss_debit: () => ({
      acss_debit: { interval_description: null, payment_schedule: 'sporadic', transaction_type: 'personal' },
    }),
  }
  return build[type]()
}

/** Changes the status and tells of it; the same status again is no news. */
export function changeMandate(space: Space, id: string, status: 'active' | 'pending' | 'inactive'): void {
  const before = space.get('mandate', id)
  if (before.object.status === status) return
  const row = space.update('mandate', id, { object: { status } })
  emit(space, { type: 'mandate.updated', object: row.object, before: before.object })
}

/** Ends what a method's holder agreed to: the method was let go, or its bank account is no good. */
export function endMandates(space: Space, methodId: string): void {
  for (const { id } of space.newestFirst('mandate', { by: ['payment_method', methodId] })) {
    changeMandate(space, id, 'inactive')
  }
}

export const mandates: ObjectModule = {
  prefixes: { mandate: 'mandate' },
  expansions: { mandate: { payment_method: 'payment_method' } },
  operations: [
    operation({
      method: 'GET',
      path: '/v1/mandates/:id',
      permission: 'mandate_read',
      parameters: {},
      run: (call) => shown(getByPath(call, 'mandate')),
    }),
  ],
}
