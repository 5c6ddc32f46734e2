/**
 * Connections: how an operator is joined to Stripe (later also to Xero). This module owns the keys and signing secrets, sealed; which
 * connection charges; the webhook endpoint at Stripe and its addresses; and the way from an address or account back to an operator.
 */
export {
  badgesOf,
  isRefusingDeliveries,
  judgeWebhook,
  stripeScopeOf,
  type Connection,
  type ConnectionGround,
  type EndpointCheck,
  type EndpointSecret,
} from './connection.ts'
export { connectionStates } from './connection-state.ts'
export { recheckKey } from './dead-keys.ts'
export { disconnect } from './disconnect.ts'
export {
  candidateSecrets,
  pasteWebhookSecret,
  recordRefusedDelivery,
  recordVerifiedDelivery,
  type CandidateSecret,
} from './endpoint-secrets.ts'
export { createEndpoint, endpointAddresses, endpointCheckOf, isPublicAddress, repairEndpoint } from './endpoints.ts'
export { restrictedKeyPermissions } from './permissions.ts'
export { inactiveAccountSentence } from './problems.ts'
export { saveCredentials } from './save-credentials.ts'
export { hasSharedRoute, listAccountTargets, listTargets } from './routing-store.ts'
export {
  findChargingConnection,
  findConnection,
  findOwnKeysConnection,
  getConnection,
  listEndpointSecrets,
} from './store.ts'
export { testRows, testTitles } from './connection-report.ts'
export { testConnection } from './test-connection.ts'
