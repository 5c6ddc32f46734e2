/**
 * A refusal is a value, not an exception (ARC §9): the caller must look at it, and the person is shown its title, cause and
 * next step. Every code stands in one `problems.ts`.
 */
export type Problem = {
  readonly title: string
  /** What happened and why, in one or two sentences (UI-59). */
  readonly cause: string
  readonly nextStep: string
  readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 500 | 503
}

export type Refusal<Code extends string = string> = {
  readonly code: Code
  readonly problem: Problem
  /** The field at fault as a JSON pointer such as `/secretKey`, when there is one. */
  readonly field?: string
}

export type Outcome<Value, Code extends string = string> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: Refusal<Code> }

export function done<Value>(value: Value): { readonly ok: true; readonly value: Value } {
  return { ok: true, value }
}

export function refused<Code extends string>(
  code: Code,
  problem: Problem,
  field?: string,
): { readonly ok: false; readonly refusal: Refusal<Code> } {
  return { ok: false, refusal: field === undefined ? { code, problem } : { code, problem, field } }
}
