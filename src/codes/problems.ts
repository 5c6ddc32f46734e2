/** What asking for a code and entering one can refuse, in words. */
import { refused, type Outcome, type Problem } from '#kernel'

const problems = {
  code_refused: {
    title: 'This code does not work',
    cause:
      'It is wrong, is not the newest code of this link, is older than ten minutes, was used, or was tried five times.',
    nextStep: 'Look at the newest mail, or have another code mailed.',
    status: 422,
  },
  too_many_codes: {
    title: 'Too many codes',
    cause: 'Five codes were mailed for this link within an hour.',
    nextStep: 'Use the newest one, or try again in an hour.',
    status: 429,
  },
} as const satisfies Record<string, Problem>

export type CodesProblem = keyof typeof problems

export function refuse(code: CodesProblem, field?: string): Outcome<never, CodesProblem> {
  return refused(code, problems[code], field)
}
