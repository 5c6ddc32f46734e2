/**
 * What a restricted key needs, in the words of Stripe's dashboard (STR-20). The exact names are unverified, hence this one file
 * (STR-155). `operation` is the first word of the gateway operations that fail without it.
 */
export type KeyPermission = { readonly operation: string; readonly name: string; readonly access: 'read' | 'write' }

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
