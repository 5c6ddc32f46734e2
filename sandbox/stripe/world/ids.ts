/**
 * Ids and secrets. Every one is drawn from a seed and a counter, so the same seed and the same calls give the same ids;
 * the counter is kept in the journal, so a restart goes on where the last write stopped and never repeats an id.
 */
import { hash } from 'node:crypto'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** `length` letters and digits that depend on nothing but `text`. */
export function lettersFrom(text: string, length: number): string {
  let letters = ''
  for (let block = 0; letters.length < length; block += 1) {
    const digest = hash('sha256', block === 0 ? text : `${text}/${block}`, 'buffer')
    for (const byte of digest) letters += alphabet.charAt(byte % alphabet.length)
  }
  return letters.slice(0, length)
}

export class IdSource {
  readonly seed: string
  /** How many draws were made; part of the journal. */
  drawn: number

  constructor(seed: string, drawn: number) {
    this.seed = seed
    this.drawn = drawn
  }

  /** Letters and digits that never come twice from this source. */
  letters(length: number): string {
    this.drawn += 1
    return lettersFrom(`${this.seed}:${this.drawn}`, length)
  }

  /** For example `pi_` and 24 letters. */
  id(prefix: string, length = 24): string {
    return `${prefix}_${this.letters(length)}`
  }

  /** A whole number from 0 up to, not including, `limit`. */
  number(limit: number): number {
    this.drawn += 1
    return hash('sha256', `${this.seed}:${this.drawn}`, 'buffer').readUInt32BE(0) % limit
  }
}
