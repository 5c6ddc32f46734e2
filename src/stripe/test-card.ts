/**
 * Stripe's own test card, saved for a customer by a SetupIntent that is confirmed at once: what the hosted page does, with nobody at it.
 * Exists in test mode alone.
 */
import { assert, type CustomerId } from '#kernel'
import type { Call, FullMetadata, StripeScope, Write } from './call.ts'
import { readSetupIntent, type SetupIntentSeen } from './payment-methods.ts'

export function testCardCalls(call: Call, metadata: FullMetadata) {
  return {
    /** Moves no money. @throws StripeFault, and in live mode. */
    saveTestCard: (scope: StripeScope, wanted: Write & { readonly customer: CustomerId }): Promise<SetupIntentSeen> => {
      assert(scope.mode === 'test', 'a test card was asked for in live mode')
      return call(scope, {
        operation: 'setup_intents.create',
        idempotencyKey: wanted.idempotencyKey,
        send: (client, options) =>
          client.setupIntents.create(
            {
              allowed_payment_method_types: ['card'],
              confirm: true,
              customer: wanted.customer,
              expand: ['payment_method'],
              metadata: metadata(scope, wanted.metadata),
              payment_method: 'pm_card_visa',
              usage: 'off_session',
            },
            options,
          ),
        read: (body) => readSetupIntent(body, scope),
      })
    },
  }
}
