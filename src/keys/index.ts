/**
 * Keys: which master keys this installation's stored secrets need, and how all of them come under a new one while everything runs. It
 * knows where sealed values stand and never what they are. The sealing itself is platform's.
 */
export { forgetLostKey } from './forget-lost-key.ts'
export { isKeyNeeded } from './is-key-needed.ts'
export { openSecretBox } from './open-secret-box.ts'
export { rewrapAll } from './rewrap-all.ts'
export { verifyAll } from './verify-all.ts'
