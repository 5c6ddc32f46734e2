/**
 * Which kinds of payment method an intent or a Checkout page offers: those it was told, or cards and every bank debit the
 * account may take in the currency. Other kinds Stripe has may be named beside them, but nobody can pay with them here.
 */
import type Stripe from 'stripe'
import { notSupported, refuse } from '../errors.ts'
import type { ChosenMethods } from '../parts/fields.ts'
import type { Space } from '../world/space.ts'
import { debitTypes, hasCapability, isDebitType, rulesOf } from './debit-types.ts'

/** Throws StripeRefusal for a debit the account may not take, or that has no such currency, and when nothing is left. */
export function offeredTypes(space: Space, params: ChosenMethods, currency: string | null): string[] {
  const account = space.world.root.get('account', space.accountId).object
  const param =
    params.allowed_payment_method_types === undefined ? 'payment_method_types' : 'allowed_payment_method_types'
  const named = params[param]
  if (named === undefined) return automaticTypes(account, params, currency)
  for (const type of named) if (isDebitType(type)) checkDebit(account, { type, currency, param })
  if (named.some((type) => type === 'card' || isDebitType(type))) return [...named]
  throw notSupported('payments by these kinds of payment method', param)
}

function automaticTypes(account: Stripe.Account, params: ChosenMethods, currency: string | null): string[] {
  const wanted = currency ?? account.default_currency ?? 'usd'
  const debits = debitTypes.filter((type) => hasCapability(account, type) && rulesOf(type).currencies.includes(wanted))
  const excluded = (params.excluded_payment_method_types ?? []) as readonly string[]
  const offered = ['card', ...debits].filter((type) => !excluded.includes(type))
  if (offered.length > 0) return offered
  throw refuse('No valid payment method types are left for this request.', { param: 'excluded_payment_method_types' })
}

function checkDebit(
  account: Stripe.Account,
  asked: { type: (typeof debitTypes)[number]; currency: string | null; param: string },
): void {
  const { type, currency, param } = asked
  if (!hasCapability(account, type)) {
    const message = `The payment method type "${type}" is invalid. Please ensure the provided type is activated in your dashboard (https://dashboard.stripe.com/account/payments/settings) and your account is enabled for any preview features that you are trying to use. See https://stripe.com/docs/payments/payment-methods/integration-options for supported payment method, currency, and country combinations to use.`
    throw refuse(message, { code: 'payment_intent_invalid_parameter', param })
  }
  if (currency === null || rulesOf(type).currencies.includes(currency)) return
  const message = `The currency provided (${currency}) is invalid for one or more payment method types: ${type} only supports ${rulesOf(type).currencies.join(', ')}.`
  throw refuse(message, { code: 'payment_intent_invalid_parameter', param })
}
