/** What the API answers about the installation. */
import type { Api } from '#web/api'
import type { AnswerOf, Tone } from '#web/ui'

export type Installation = AnswerOf<Api, '/api/v1/installation'>
export type OneMode = Installation['modes'][number]
export type Endpoint = OneMode['endpoints'][number]
export type Check = OneMode['checks'][number]
export type Letter = Installation['deadLetters']['rows'][number]
export type Changed = AnswerOf<Api, '/api/v1/installation/:mode/repair', '$post'>

export const lookEveryMs = 15_000

export const looks: Readonly<Record<Check['state'], { readonly word: string; readonly tone: Tone }>> = {
  found: { word: 'Found', tone: 'red' },
  cannot_tell: { word: 'Cannot tell', tone: 'grey' },
  ok: { word: 'Passes', tone: 'green' },
}

export const states: Readonly<Record<Endpoint['state'], { readonly word: string; readonly tone: Tone }>> = {
  ready: { word: 'Ready', tone: 'green' },
  being_made: { word: 'Being made', tone: 'yellow' },
  ending: { word: 'Ending', tone: 'grey' },
}

export const atStripe: Readonly<Record<Endpoint['atStripe'], string>> = {
  enabled: 'Enabled',
  disabled: 'Switched off',
  absent: 'Not there',
  unknown: 'Not looked at yet',
}

const [minute, hour, day] = [60, 3600, 86_400]

/** `3 min late`, or when it is planned for. */
export function lateWords(seconds: number): string {
  const far = Math.abs(seconds)
  if (far < 90) return 'now'
  const span = spanText(far)
  return seconds < 0 ? `planned in ${span}` : `${span} late`
}

function spanText(seconds: number): string {
  if (seconds < 2 * hour) return `${Math.round(seconds / minute)} min`
  return seconds < 2 * day ? `${Math.round(seconds / hour)} h` : `${Math.round(seconds / day)} days`
}
