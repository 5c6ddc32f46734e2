/**
 * Connections: how an operator is joined to Stripe (later also to Xero). This module owns the keys and signing secrets, sealed; which
 * connection charges; the webhook endpoint at Stripe and its addresses; and the way from an address or account back to an operator.
 */
export {
  badgesOf,
  connectionGroundOf,
  isHeld,
  isJoined,
  isRefusingDeliveries,
  isValidAt,
  judgeWebhook,
  stripeScopeOf,
  type Connection,
  type ConnectionGround,
  type EndpointCheck,
  type EndpointSecret,
  type WebhookStanding,
} from './connection.ts'
export {
  closeConnectConnection,
  ensureConnectConnection,
  keepAccountStanding,
  setChargingConnection,
} from './account-connection.ts'
export { connectionStates, restrictedKeyPermissions } from './connection-state.ts'
export { cleanInput, judgeWebhookSecret } from './credentials.ts'
export { closeConnection, stopNewCharges } from './leaving.ts'
export {
  addEndpointSecret,
  candidateSecrets,
  endEndpointSecrets,
  pasteWebhookSecret,
  recordRefusedDelivery,
  recordVerifiedDelivery,
  reopenEndpointSecrets,
  type CandidateSecret,
} from './endpoint-secrets.ts'
export {
  createEndpoint,
  enableEndpoint,
  endpointAddresses,
  endpointCheckOf,
  findEndpoint,
  isPublicAddress,
  judgePlaces,
  lookAtEndpoint,
  refusalOfEndpointFault,
  repairEndpoint,
  withFaultsExplained,
  withOurEvents,
} from './endpoints.ts'
export { disabledReasonInWords, inactiveAccountSentence, refuse as refuseConnection } from './problems.ts'
export { saveCredentials } from './save-credentials.ts'
export { hasSharedRoute, listAccountTargets, listTargets, readAccountPlaces } from './routing-store.ts'
export type { AccountPlace, AccountPlaces } from './routing-store.ts'
export {
  findChargingConnection,
  findConnectConnection,
  findConnection,
  findFormerConnectConnection,
  findOwnKeysConnection,
  getConnection,
  listConnections,
  listEndpointSecrets,
  lockConnection,
  updateConnection,
} from './store.ts'
export { testRows, testTitles } from './connection-report.ts'
export { recheckKey, testConnection } from './test-connection.ts'
