/**
 * Do two keys belong to one account? The secret key makes a SetupIntent that nobody will ever confirm, the publishable key tries to
 * read it, and it is cancelled. Unverified against the real service, hence this one file (STR-155): a publishable key of another
 * account is expected to get 404 or 401.
 */
import type { SetupIntentId } from '#kernel'
import { Secret } from '#platform'

import type { Call, FullMetadata, StripeScope } from './call.ts'
import { StripeFault } from './fault.ts'
import { objectOf, textOf } from './shape.ts'

/** Kept by the connection, sealed: Test Connection reads it again with GET alone (STR-24). */
export type Probe = { readonly id: SetupIntentId; readonly clientSecret: Secret }

export type HandshakeVerdict = 'same_account' | 'other_account'

export function handshakeCalls(call: Call, metadata: FullMetadata) {
  return {
    /** Moves no money and asks nobody. @throws StripeFault, `permission` when the key may not make SetupIntents */
    createProbe: (scope: StripeScope, wanted: { purpose?: string; idempotencyKey: string }): Promise<Probe> =>
      call(scope, {
        operation: 'setup_intents.create',
        idempotencyKey: wanted.idempotencyKey,
        send: (client, options) =>
          client.setupIntents.create(
            {
              allowed_payment_method_types: ['card'],
              metadata: metadata(scope, { rentroll_probe: wanted.purpose ?? 'publishable key' }),
            },
            options,
          ),
        read: (body) => {
          const fields = objectOf(body, { object: 'setup_intent', prefix: 'seti_', mode: scope.mode })
          return {
            id: textOf(fields, 'id') as SetupIntentId,
            clientSecret: new Secret(textOf(fields, 'client_secret')),
          }
        },
      }),

    /** Whether the publishable key sees the probe. A GET. @throws StripeFault when Stripe gave no usable answer */
    readProbe: (scope: StripeScope, wanted: { publishableKey: string; probe: Probe }): Promise<HandshakeVerdict> =>
      sameAccountUnlessRefused(
        call(
          { ...scope, credential: new Secret(wanted.publishableKey) },
          {
            operation: 'setup_intents.retrieve_by_publishable_key',
            send: (client, options) =>
              client.setupIntents.retrieve(
                wanted.probe.id,
                { client_secret: wanted.probe.clientSecret.reveal() },
                options,
              ),
            read: (body) => objectOf(body, { object: 'setup_intent', prefix: wanted.probe.id, mode: scope.mode }),
          },
        ),
      ),

    /** @throws StripeFault */
    cancelProbe: async (scope: StripeScope, probe: Probe, wanted: { idempotencyKey: string }): Promise<void> => {
      await call(scope, {
        operation: 'setup_intents.cancel',
        idempotencyKey: wanted.idempotencyKey,
        send: (client, options) => client.setupIntents.cancel(probe.id, {}, options),
        read: (body) => objectOf(body, { object: 'setup_intent', prefix: probe.id, mode: scope.mode }),
      })
    },
  }
}

const otherAccountKinds: ReadonlySet<string> = new Set(['missing', 'auth', 'permission'])

async function sameAccountUnlessRefused(reading: Promise<unknown>): Promise<HandshakeVerdict> {
  try {
    await reading
    return 'same_account'
  } catch (error) {
    if (error instanceof StripeFault && otherAccountKinds.has(error.kind)) return 'other_account'
    throw error
  }
}
