/**
 * The installation: what belongs to no operator. It owns who runs it, its own webhook endpoints with their secrets, the watch over them,
 * and their repair. What surprises: it knows no operator's business; of operators it shows names alone.
 */
export { isAdministrator } from './administrators.ts'
export { askInstallation } from './ask-stripe.ts'
export { installationKinds, modes, type InstallationKind } from './installation.ts'
export {
  ensureInstallationEndpoints,
  listInstallationEndpoints,
  listInstallationSecrets,
  type InstallationEndpointView,
} from './own-endpoints.ts'
export { repairInstallation } from './repair-installation.ts'
export { rotateEndpoint } from './rotate-endpoint.ts'
export { judgeInstallation, readStanding, type Standing, type WatchGround } from './standing.ts'
export { listOpenInstallationTroubles, readWatch, writeSuspicion, type InstallationTrouble } from './store.ts'
export { createInstallationTally, type InstallationTally } from './tally.ts'
export { troubleTitles, type TellGround } from './tell-administrators.ts'
export { followTroubles, watchInstallation } from './watch.ts'
