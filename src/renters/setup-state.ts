/**
 * Where the saving of a payment method stands and where it may go (STR-149). Pure. `succeeded` and `canceled` are final; a failed one
 * may still succeed, because the hosted page lets the renter try another card.
 */
export const setupStates = ['created', 'requires_action', 'processing', 'succeeded', 'failed', 'canceled'] as const
export type SetupState = (typeof setupStates)[number]

const moves: Record<SetupState, readonly SetupState[]> = {
  created: ['requires_action', 'processing', 'succeeded', 'failed', 'canceled'],
  requires_action: ['processing', 'succeeded', 'failed', 'canceled'],
  processing: ['requires_action', 'succeeded', 'failed', 'canceled'],
  failed: ['requires_action', 'processing', 'succeeded', 'canceled'],
  succeeded: [],
  canceled: [],
}

export function isFinal(state: SetupState): boolean {
  return state === 'succeeded' || state === 'canceled'
}

/** Anything that is not an allowed move is old news and changes nothing. */
export function judgeSetup(current: SetupState, observed: SetupState): 'move' | 'same' | 'late' {
  if (observed === current) return 'same'
  return moves[current].includes(observed) ? 'move' : 'late'
}

/** What Stripe's status means for us; one we do not know waits to be asked about again. */
export function stateOfSetupIntent(intent: { readonly status: string; readonly lastError?: unknown }): SetupState {
  switch (intent.status) {
    case 'requires_payment_method':
      return intent.lastError ? 'failed' : 'created'
    case 'requires_action':
    case 'processing':
    case 'succeeded':
    case 'canceled':
      return intent.status
    default:
      return 'created'
  }
}
