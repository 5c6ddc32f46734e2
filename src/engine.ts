/**
 * How V8 works in a process that answers requests (decision 0038). What surprises: the slowest of its compilers stays away. It takes up what has been
 * called some thousand times, which on a road that everything goes is all of it at once, and while it is busy nobody is answered; what
 * it makes is hardly quicker here, where the time goes into hashing, parsing and waiting.
 */
import { setFlagsFromString } from 'node:v8'

/** For the rest of this process. */
export function tuneEngine(): void {
  setFlagsFromString('--no-turbofan')
  // The old part of the heap may grow fourfold before it is looked through, as V8 lets it where it is in a hurry.
  setFlagsFromString('--heap-growing-percent=300')
}
