/**
 * The audit log: who changed what, from where, as it was before and after (TRU-95). Entries are only ever added, in the transaction of the
 * change they tell about, and each carries the hash of the one before, so that an edit is found (TRU-96). The ends of the chains are told
 * outside the database every five minutes (TRU-97).
 */
export { actAs, type Actor } from './actor.ts'
export { createAnchorRounds } from './anchor-rounds.ts'
export { dots, type AuditEntry, type AuditValues } from './entry.ts'
export { listAudit, listAuditKinds } from './pages.ts'
export { noteAlone, noteAudit, type AuditNote } from './note-audit.ts'
export { verifyChain, type ChainReport } from './verify-chain.ts'
export { verifyChains, type ChainsReport } from './verify-chains.ts'
