/** What this module refuses and why, in the words the person reads (ARC-50, UI-59). */
import { refused, type Problem } from '#kernel'

const problems = {
  request_key_reused: {
    title: 'This was sent before with other values',
    cause: 'Its first sending was accepted as it was. Nothing was added a second time.',
    nextStep: 'Look at what is there now. To add another one, send this again.',
    status: 409,
  },
} as const satisfies Record<string, Problem>

export type RequestsProblem = keyof typeof problems

export function refuse(code: RequestsProblem) {
  return refused(code, problems[code])
}
