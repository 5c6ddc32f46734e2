/**
 * Connections: how an operator is joined to Stripe (later also to Xero). This module owns the keys and signing secrets, sealed; which
 * connection charges; the webhook endpoint at Stripe and its addresses; and the way from an address or account back to an operator.
 */
export {
  badgesOf,
  judgeWebhook,
  stripeScopeOf,
  type Badge,
  type Connection,
  type ConnectionGround,
  type EndpointCheck,
  type EndpointSecret,
  type WebhookStanding,
} from './connection.ts'
export { connectionPhrases, connectionStates, type ConnectionState } from './connection-state.ts'
export type { CredentialsInput } from './credentials.ts'
export { markBroken, recheckKey } from './dead-keys.ts'
export { disconnect } from './disconnect.ts'
export {
  candidateSecrets,
  pasteWebhookSecret,
  recordRefusedDelivery,
  recordVerifiedDelivery,
  type CandidateSecret,
} from './endpoint-secrets.ts'
export {
  createEndpoint,
  endpointAddresses,
  endpointCheckOf,
  isPublicAddress,
  repairEndpoint,
  type EndpointAddresses,
} from './endpoints.ts'
export { restrictedKeyPermissions, type KeyPermission } from './permissions.ts'
export { inactiveAccountSentence, type ConnectionProblem } from './problems.ts'
export { saveCredentials, type SavedCredentials } from './save-credentials.ts'
export {
  findChargingConnection,
  findConnection,
  findConnectionByAccount,
  findOwnKeysConnection,
  getConnection,
  hasSharedRoute,
  listConnections,
  listEndpointSecrets,
  listTargets,
  type RoutingTarget,
} from './store.ts'
export { testRows, testTitles, type TestReport, type TestRow } from './connection-report.ts'
export { testConnection } from './test-connection.ts'
