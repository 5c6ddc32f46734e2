/**
 * The platform: database, jobs, facts, encryption, mail, logs, clock, outgoing HTTP and configuration. It knows how things are kept
 * and sent, and nothing of rent. Every library that touches the outside is imported here and nowhere above.
 */
export {
  readKeptTime,
  systemClock,
  turnableClock,
  writeKeptTime,
  type Clock,
  type KeptTime,
  type TurnableClock,
} from './clock.ts'
export { StartRefusal, readConfiguration, readEnvironment, settings, type Configuration } from './configuration.ts'
export {
  holdRequestKey,
  inScope,
  inScopeByKey,
  openDatabase,
  runPrepared,
  withoutScope,
  type Database,
  type GlobalHandle,
  type JobOfRow,
  type JobPayload,
  type ScopedHandle,
} from './database.ts'
export {
  Secret,
  UnknownMasterKey,
  createSealer,
  createSecretBox,
  keyFileOf,
  masterKeyId,
  newMasterKey,
  openKeyProvider,
  readKeyFile,
  sealedUnder,
  secretBox,
  writeKeyFile,
  type KeyProvider,
  type KeySource,
  type SecretBox,
  type SecretPlace,
} from './encryption.ts'
export {
  getFact,
  listFacts,
  listFactsSince,
  recordFact,
  recordFacts,
  type Fact,
  type FactName,
  type NewFact,
} from './facts.ts'
export { assertNoTransaction, guardedFetch } from './http.ts'
export { createJobs, migrateJobs, type JobDeclaration, type JobHandler, type JobOutlook, type Jobs } from './jobs.ts'
export { appendLines, createLogs, isLuhnValid, scrub, type Logs } from './logs.ts'
export { createMailer, type Mail, type Mailer } from './mail.ts'
export {
  assertHarmlessRole,
  assertMigrated,
  makeRoles,
  migrate,
  readInstallationId,
  roleStatements,
} from './migrations.ts'
export { emptyDataFolder } from './pglite.ts'
export { firstIdAt, jitter, newCode, newId, newRequestId, newToken, tokenHash } from './random.ts'
