/**
 * Where a connection with own keys stands and where it may go (STR-15). Pure. `broken` means Stripe answered 401: money waits, nothing
 * fails. `disconnecting` takes no new charges while it drains. At the end what a restricted key needs for it.
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
  // The same account was connected again, or nothing is left to drain. A key that dies meanwhile changes nothing: it takes no money.
  disconnecting: ['connected', 'disconnected'],
  // The keys of the same account were saved again (UI-132).
  disconnected: ['connected'],
}

export function mayMove(from: ConnectionState, to: ConnectionState): boolean {
  return moves[from].includes(to)
}

type KeyPermission = { readonly operation: string; readonly name: string; readonly access: 'read' | 'write' }

/**
 * What a restricted key needs, in the words of Stripe's dashboard (STR-20). The exact names are unverified, hence this one list (STR-155).
 * `operation` is the first word of the gateway operations that fail without it.
 */
export const restrictedKeyPermissions: readonly KeyPermission[] = [
  { operation: 'refunds', name: 'Charges and Refunds', access: 'write' },
  { operation: 'customers', name: 'Customers', access: 'write' },
  { operation: 'payment_intents', name: 'PaymentIntents', access: 'write' },
  { operation: 'setup_intents', name: 'SetupIntents', access: 'write' },
  { operation: 'payment_methods', name: 'PaymentMethods', access: 'write' },
  { operation: 'checkout', name: 'Checkout Sessions', access: 'write' },
  { operation: 'disputes', name: 'Disputes', access: 'write' },
  { operation: 'webhook_endpoints', name: 'Webhook Endpoints', access: 'write' },
  { operation: 'balance', name: 'Balance', access: 'read' },
  { operation: 'balance_transactions', name: 'Balance Transactions', access: 'read' },
  { operation: 'payouts', name: 'Payouts', access: 'read' },
  { operation: 'events', name: 'Events', access: 'read' },
  { operation: 'accounts', name: 'Account', access: 'read' },
]

/** The permission an operation such as `webhook_endpoints.list` needs, as `Webhook Endpoints (write)`. */
export function permissionFor(operation: string): string {
  const [first] = operation.split('.')
  const known = restrictedKeyPermissions.find((permission) => permission.operation === first)
  return known ? `${known.name} (${known.access})` : operation
}
