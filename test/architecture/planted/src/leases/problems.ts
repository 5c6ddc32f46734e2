import type { Problem } from '#kernel'

export const problems = {
  whole: { title: 'Whole', cause: 'It is whole.', nextStep: 'Go on.', status: 409 },
  'half-told': { title: 'Half', cause: 'The next step: is missing.', status: 409 },
} as const satisfies Record<string, Problem>
