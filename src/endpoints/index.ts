/**
 * Webhook endpoints over their life: how they fare at Stripe and here, what is told when one goes bad, and how one signing secret takes
 * over from another without a refused delivery. The secrets themselves, and the first endpoint of a connection, are owned by connections.
 */
export { recordDeliveries, recordFoundByPoll, type DeliveriesSeen } from './deliveries.ts'
export { createDeliveryTally, type DeliveryTally } from './delivery-tally.ts'
export { readEndpoint, readHealth, type EndpointView } from './endpoint-view.ts'
export { endpointHealths, healthDetail, healthLabel, isAlarming, refusedCause, type EndpointHealth } from './health.ts'
export { installationEndpoints, type InstallationSecrets } from './installation-endpoints.ts'
export { endpointHandlers, endpointJobs, fixEndpoint, recoverEndpoints } from './jobs.ts'
export { refuse as refuseEndpoint } from './problems.ts'
export { cancelRotation, confirmRotation, endOldSecret, judgePasting } from './rotation-choices.ts'
export { sendTestEvent } from './send-test-event.ts'
export { startRotation } from './start-rotation.ts'
