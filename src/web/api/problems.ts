/**
 * Every refusal leaves as RFC 9457 problem details with title, cause, next step and the request's id (TRU-117). Routes do not build
 * them: they call `getValue` on an outcome or `getFound` on something looked up, and what is refused is thrown to here. What
 * surprises: thrown inside `inScope` this also rolls the transaction back; a deed that must keep what it wrote is opened outside.
 */
import type { Outcome, Problem, Refusal } from '#kernel'
import type { Logs } from '#platform'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ZodError } from 'zod'

const problems = {
  not_found: {
    title: 'Not found',
    cause: 'There is nothing with this address here.',
    nextStep: 'Check the address, or go back to the list.',
    status: 404,
  },
  signed_out: {
    title: 'Signed out',
    cause: 'You are not signed in.',
    nextStep: 'Sign in to continue.',
    status: 401,
  },
  not_allowed: {
    title: 'Not allowed for your role',
    cause: 'Your role does not include this action.',
    nextStep: 'Ask an owner of the workspace.',
    status: 403,
  },
  step_up_required: {
    title: 'Confirm that it is you',
    cause: 'This touches something secret, and the last time you proved who you are is more than five minutes ago.',
    nextStep: 'Enter your password; then it goes on by itself.',
    status: 403,
  },
  cross_site_request: {
    title: 'Request from another site',
    cause: 'This request did not come from a page of this installation, so it was not carried out.',
    nextStep: 'Open Rentroll at its own address and repeat the action there.',
    status: 403,
  },
  body_too_large: {
    title: 'Too much at once',
    cause: 'The body of a request may have at most 64 KiB.',
    nextStep: 'Send less at once.',
    status: 413,
  },
  malformed_body: {
    title: 'The request could not be read',
    cause: 'The body must be one JSON object, at most 32 levels deep, with at most 1,000 keys and none of them twice.',
    nextStep: 'Correct the body and send it again.',
    status: 400,
  },
  unsupported_content: {
    title: 'Only JSON is accepted',
    cause: 'The body must be sent with the content type application/json.',
    nextStep: 'Send JSON with this content type.',
    status: 415,
  },
  card_number: {
    title: 'This looks like a card number',
    cause: 'Card numbers must not be sent to Rentroll. Use the payment page.',
    nextStep: 'Remove the number and send again.',
    status: 422,
  },
  input_refused: {
    title: 'There is a problem',
    cause: 'Some of the fields cannot be used as they are.',
    nextStep: 'Correct the fields named below and send again.',
    status: 422,
  },
  account_disconnected: {
    title: 'The Stripe account of this payment is disconnected',
    cause: 'Stripe cannot be asked about this payment, because Rentroll has no key of its account any more.',
    nextStep: 'Look the payment up in the Stripe Dashboard.',
    status: 409,
  },
  too_many_visits: {
    title: 'Too many visits at once',
    cause: 'Booking pages were opened very often from your network within the last minute.',
    nextStep: 'Wait a few seconds. The page tries again by itself.',
    status: 429,
  },
  busy: {
    title: 'Too busy',
    cause: 'More requests are waiting than this installation can answer.',
    nextStep: 'Try again in a few seconds.',
    status: 503,
  },
  server_fault: {
    title: 'Something failed on our side',
    cause: 'Something failed on our side. Nothing was charged twice.',
    nextStep: 'Try again. If it happens again, send us the reference.',
    status: 500,
  },
} as const satisfies Record<string, Problem>

export type ApiProblem = keyof typeof problems

/** A refusal on its way to the person; nothing else may be thrown on purpose in a route. */
export class RefusalAnswer extends Error {
  readonly refusal: Refusal & Telling
  constructor(refusal: Refusal & Telling) {
    super(refusal.code)
    this.refusal = refusal
  }
}

/** @param about words of its own, and the field at fault as a JSON pointer. */
export function apiRefusal(
  code: ApiProblem,
  about: Partial<Pick<Problem, 'cause' | 'nextStep'>> & { readonly field?: string } = {},
): RefusalAnswer {
  const { field, ...words } = about
  return new RefusalAnswer({ code, problem: { ...problems[code], ...words }, ...(field !== undefined && { field }) })
}

/** @param methods by which the person can prove who they are; the screen asks for one and repeats the request (TRU-78). */
export function stepUpRefusal(methods: readonly string[]): RefusalAnswer {
  return new RefusalAnswer({ code: 'step_up_required', problem: problems.step_up_required, methods })
}

/** @param headers when to come back, as the limit says it (TRU-112). */
export function limitRefusal(
  code: Extract<ApiProblem, `too_many_${string}`>,
  headers: Readonly<Record<string, string>>,
): RefusalAnswer {
  return new RefusalAnswer({ code, problem: problems[code], headers })
}

/** @throws RefusalAnswer when the outcome is a refusal. */
export function getValue<Value>(outcome: Outcome<Value>): Value {
  if (outcome.ok) return outcome.value
  throw new RefusalAnswer(outcome.refusal)
}

/** @param noun what was looked for, such as `invoice`. @throws RefusalAnswer 404, the same whether it never existed or is another's. */
export function getFound<Value>(found: Value | undefined, noun: string): Value {
  if (found !== undefined) return found
  const article = /^[aeiou]/.test(noun) ? 'an' : 'a'
  throw apiRefusal('not_found', { cause: `There is not ${article} ${noun} with this address here.` })
}

export type FieldProblem = { readonly pointer: string; readonly detail: string }

/** The body of a problem answer; screens read it, never compose their own (UI-60). */
type ProblemDetails = {
  readonly type: string
  readonly title: string
  readonly detail: string
  readonly nextStep: string
  readonly code: string
  readonly status: number
  readonly requestId: string
  readonly errors?: readonly FieldProblem[]
  readonly methods?: readonly string[]
}

/** A refusal may say when to come back, which is also sent as `Retry-After`, and how to prove who is there. */
type Telling = {
  readonly retryAfterSeconds?: number
  readonly methods?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
}

export function problemAnswer(c: Context, refusal: Refusal & Telling, errors?: readonly FieldProblem[]): Response {
  const { code, problem, field, retryAfterSeconds, methods, headers: own } = refusal
  const fields = errors ?? (field === undefined ? undefined : [{ pointer: field, detail: problem.cause }])
  const details: ProblemDetails = {
    type: `urn:rentroll:problem:${code}`,
    title: problem.title,
    detail: problem.cause,
    nextStep: problem.nextStep,
    code,
    status: problem.status,
    requestId: c.get('requestId') ?? '',
    ...(fields && { errors: fields }),
    ...(methods && { methods }),
  }
  const wait = retryAfterSeconds ?? (problem.status === 503 ? 1 : undefined)
  const headers = {
    'Content-Type': 'application/problem+json',
    ...(wait !== undefined && { 'Retry-After': String(wait) }),
    ...own,
  }
  return c.body(JSON.stringify(details), problem.status, headers)
}

/** Fields that do not fit, each with a pointer and plain words (UI-35). */
export function inputAnswer(c: Context, errors: readonly FieldProblem[]): Response {
  return problemAnswer(c, { code: 'input_refused', problem: problems.input_refused }, errors)
}

/** The last stop of everything thrown. What nobody can name is logged with its stack and shown without. */
export function problemHandler(logs: Logs) {
  return (error: Error, c: Context): Response => {
    if (error instanceof RefusalAnswer) return problemAnswer(c, error.refusal)
    if (error instanceof HTTPException) return httpProblem(c, error.status)
    const requestId: string = c.get('requestId') ?? ''
    logs.error({ requestId, method: c.req.method, error: error.stack ?? String(error) }, 'request failed')
    const cause = `${problems.server_fault.cause} Reference ${requestId}.`
    return problemAnswer(c, { code: 'server_fault', problem: { ...problems.server_fault, cause } })
  }
}

/** What the HTTP library itself refuses before a route is reached. */
function httpProblem(c: Context, status: number): Response {
  const codes: Readonly<Record<number, ApiProblem>> = {
    401: 'signed_out',
    404: 'not_found',
    413: 'body_too_large',
    415: 'unsupported_content',
  }
  const code = codes[status] ?? 'malformed_body'
  return problemAnswer(c, { code, problem: problems[code] })
}

type Issue = ZodError['issues'][number]
type Checked = { readonly target: string; readonly success: boolean; readonly error?: ZodError }

/** The hook of every application here: a path that does not fit is 404, a query or body that does not fit is 422. */
export function explainInput(checked: Checked, c: Context): Response | undefined {
  if (checked.success || !checked.error) return undefined
  if (checked.target === 'param') return problemAnswer(c, apiRefusal('not_found').refusal)
  return inputAnswer(c, checked.error.issues.flatMap(explainIssue))
}

function explainIssue(issue: Issue): FieldProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      pointer: pointerOf([...issue.path, key]),
      detail: `The field ${JSON.stringify(key)} is not known here.`,
    }))
  }
  return [{ pointer: pointerOf(issue.path), detail: isJargon(issue.message) ? sentenceFor(issue) : issue.message }]
}

function isJargon(message: string): boolean {
  return /^(Invalid|Too (small|big)|Unrecognized|Expected|Required)/.test(message)
}

function sentenceFor(issue: Issue): string {
  const name = nameOf(issue.path)
  if (issue.code === 'invalid_type')
    return issue.message.includes('received undefined')
      ? `Enter the ${name}.`
      : `The ${name} must be ${kinds[issue.expected] ?? issue.expected}.`
  if (issue.code === 'too_small')
    return issue.origin === 'string'
      ? lengthSentence(name, Number(issue.minimum))
      : `The ${name} must be ${issue.minimum} or more.`
  if (issue.code === 'too_big')
    return issue.origin === 'string'
      ? `Use at most ${issue.maximum} characters for the ${name}.`
      : `The ${name} must be ${issue.maximum} or less.`
  if (issue.code === 'invalid_value')
    return `Choose one of these for the ${name}: ${issue.values.map(String).join(', ')}.`
  return `The ${name} does not have the expected form.`
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
}

function lengthSentence(name: string, least: number): string {
  return least <= 1 ? `Enter the ${name}.` : `Use at least ${least} characters for the ${name}.`
}

/** `/lines/0/amountMinor`, with the escapes of RFC 6901. */
function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** `secretKey` is read as "secret key". */
function nameOf(path: readonly PropertyKey[]): string {
  const last = path.findLast((part) => typeof part === 'string')
  return last === undefined
    ? 'field'
    : String(last)
        .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
        .toLowerCase()
}
