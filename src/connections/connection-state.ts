/**
 * Where a connection with own keys stands and where it may go (STR-15). Pure. `broken` means Stripe answered 401: money waits, nothing
 * fails. `disconnecting` takes no new charges while it drains.
 */
export const connectionStates = ['unverified', 'connected', 'broken', 'disconnecting', 'disconnected'] as const
export type ConnectionState = (typeof connectionStates)[number]

export const connectionPhrases: Readonly<Record<ConnectionState, string>> = {
  unverified: 'Not verified yet',
  connected: 'Connected',
  broken: 'Key refused by Stripe',
  disconnecting: 'Disconnecting',
  disconnected: 'Disconnected',
}

const moves: Readonly<Record<ConnectionState, readonly ConnectionState[]>> = {
  unverified: ['connected', 'disconnecting'],
  connected: ['connected', 'broken', 'disconnecting'],
  broken: ['connected', 'disconnecting'],
  // Back to where it was when something still drains, or the keys are saved again.
  disconnecting: ['connected', 'broken', 'unverified', 'disconnected'],
  // The keys of the same account were saved again (UI-132).
  disconnected: ['connected'],
}

export function mayMove(from: ConnectionState, to: ConnectionState): boolean {
  return moves[from].includes(to)
}
