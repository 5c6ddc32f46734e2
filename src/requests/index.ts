/**
 * Requests: one that is sent twice acts once (UI-36). It owns what was made for the key of a form, for a day. What moves money or begins a lease
 * keeps its key with its own row for good; this is for everything else that people add.
 */
export { makeOnce, type KeyedRequest } from './make-once.ts'
