/**
 * The only place of the screens that speaks HTTP. Answers are JSON; a refusal is a problem document (RFC 9457) and is thrown as
 * `ApiProblem`, also when no answer came at all, so that every caller shows a title, a cause and a next step. What surprises: a request
 * refused because its person has to prove once more who they are (TRU-78) waits here for the dialog and is then sent again; and one refused
 * as signed out is sent once more after a moment, because another tab may just have given the session a new token (TRU-75).
 */

import type { ExtractSchema } from 'hono/types'

/**
 * What an operation of the API answers when it succeeds, by the API's own description: `AnswerOf<Api, '/api/v1/me'>`. A reply that
 * changes there no longer fits here, and the build says so.
 */
export type AnswerOf<
  App,
  Path extends keyof ExtractSchema<App>,
  Method extends keyof ExtractSchema<App>[Path] = '$get' & keyof ExtractSchema<App>[Path],
> = Extract<ExtractSchema<App>[Path][Method], { status: 200 | 201 }> extends { output: infer Answer } ? Answer : never

/** What went wrong, in words a person can act on. `errors` name fields by JSON pointer such as `/secretKey`. */
export type Problem = {
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly nextStep?: string
  readonly status: number
  readonly requestId?: string
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[]
}

export class ApiProblem extends Error {
  readonly problem: Problem
  /** The whole answer, for the few refusals that carry more than words. */
  readonly body: unknown

  constructor(problem: Problem, body?: unknown) {
    super(problem.title)
    this.name = 'ApiProblem'
    this.problem = problem
    this.body = body
  }
}

/** Whatever was thrown, as a problem. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ApiProblem) return error.problem
  return {
    code: 'screen_error',
    title: 'This part of the screen stopped working',
    detail: error instanceof Error ? error.message : 'An unexpected value arrived.',
    nextStep: 'Load the page again. What was saved is safe.',
    status: 0,
  }
}

export type ApiClient = {
  /** Names what the client is for; part of every cache key. */
  readonly name: string
  readonly read: <Answer>(path: string) => Promise<Answer>
  readonly send: <Answer>(path: string, body?: object, method?: 'POST' | 'PUT') => Promise<Answer>
  /** The same client for one form: what it sends carries the form's key, so that sent again it acts once (UI-36). */
  readonly keyed: (key: string) => ApiClient
}

/** The dialog's side: answers whether the person has proved who they are. */
type ProofGiver = () => Promise<boolean>

const proofs: { giver?: ProofGiver | undefined; underWay?: Promise<boolean> | undefined } = {}

/** @returns how to stop answering. */
export function answerProofs(giver: ProofGiver): () => void {
  proofs.giver = giver
  return () => {
    proofs.giver = undefined
  }
}

/** However many requests wait for it, the person is asked once. */
export function askForProof(): Promise<boolean> {
  proofs.underWay ??= (proofs.giver?.() ?? Promise.resolve(false)).finally(() => {
    proofs.underWay = undefined
  })
  return proofs.underWay
}

const notConfirmed: Problem = {
  code: 'not_confirmed',
  title: 'Nothing was changed',
  detail: 'This touches something secret, and you did not confirm that it is you.',
  nextStep: 'Press the button again and enter your password.',
  status: 403,
}

type Options = {
  /** Sent as `Idempotency-Key` with everything that has no key of its own in its body. */
  readonly key?: string
  readonly base: string
  /** Added to every call, such as the mode. */
  readonly query?: { readonly [name: string]: string }
  readonly onSignedOut?: () => void
}

const timeoutMs = 30_000
const newTokenMs = 400

export function createApiClient(options: Options): ApiClient {
  const { key, base, query = {}, onSignedOut } = options
  const address = (path: string): string => {
    const url = new URL(base + path, window.location.origin)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    return url.pathname + url.search
  }
  const call = async <Answer>(path: string, init: RequestInit): Promise<Answer> => {
    const url = address(path)
    const first = await exchange(url, init)
    let answer = first.response.status === 401 ? await exchangeLater(url, init) : first
    while (isProofWanted(answer)) {
      if (!(await askForProof())) throw new ApiProblem(notConfirmed)
      answer = await exchange(url, init)
    }
    const { response, body } = answer
    if (response.ok) return body as Answer
    if (response.status === 401) onSignedOut?.()
    throw new ApiProblem(toProblem(response, body), body)
  }
  return {
    name: address(''),
    read: (path) => call(path, { method: 'GET' }),
    send: (path, body, method = 'POST') => call(path, { method, ...(body === undefined ? {} : jsonOf(body, key)) }),
    keyed: (formKey) => createApiClient({ ...options, key: formKey }),
  }
}

/**
 * How far the server's time is ahead of this browser's, to the second. "Today" in a form means the server's: a browser's clock may be
 * wrong, and the time of a sandbox may have been turned (SBX-38). Every answer says it (RFC 9110, 6.6.1).
 */
const server = { aheadMs: 0 }

const browserMs = () => performance.timeOrigin + performance.now()

/** The present instant of the server in milliseconds since 1970; by this browser's clock until the first answer has come. */
export const presentMs = (): number => browserMs() + server.aheadMs

function learnTime({ headers }: Response): void {
  const saidMs = Date.parse(headers.get('Date') ?? '')
  if (!Number.isNaN(saidMs)) server.aheadMs = saidMs - browserMs()
}

type Exchanged = { readonly response: Response; readonly body: unknown }

async function exchange(url: string, init: RequestInit): Promise<Exchanged> {
  const response = await request(url, init)
  learnTime(response)
  return { response, body: await readBody(response) }
}

async function exchangeLater(url: string, init: RequestInit): Promise<Exchanged> {
  await new Promise((resolve) => window.setTimeout(resolve, newTokenMs))
  return exchange(url, init)
}

function isProofWanted({ response, body }: Exchanged): boolean {
  return response.status === 403 && (body as Partial<Problem> | undefined)?.code === 'step_up_required'
}

/** A key in the body also travels as a header, so that a proxy that repeats the request repeats it harmlessly. */
function jsonOf(body: object, formKey: string | undefined): { headers: Record<string, string>; body: string } {
  const key = 'requestKey' in body && typeof body.requestKey === 'string' ? body.requestKey : formKey
  const headers = { 'Content-Type': 'application/json', ...(key === undefined ? {} : { 'Idempotency-Key': key }) }
  return { headers, body: JSON.stringify(body) }
}

async function request(url: string, init: RequestInit): Promise<Response> {
  try {
    const headers = { Accept: 'application/json', ...init.headers }
    return await fetch(url, { ...init, headers, credentials: 'same-origin', signal: AbortSignal.timeout(timeoutMs) })
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === 'TimeoutError'
    throw new ApiProblem({
      code: isLate ? 'no_answer_in_time' : 'no_answer',
      title: 'Rentroll did not answer',
      detail: isLate
        ? 'The request took longer than 30 seconds. It may still have been carried out.'
        : 'The request did not reach the server, or the answer was lost on the way.',
      nextStep: 'Check the connection, then look at the page again before you repeat what you did.',
      status: 0,
    })
  }
}

async function readBody(response: Response): Promise<unknown> {
  const text = await response.text()
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function toProblem(response: Response, body: unknown): Problem {
  if (typeof body === 'object' && body !== null && 'title' in body && 'code' in body) {
    return { ...(body as Problem), status: response.status }
  }
  return {
    code: `http_${response.status}`,
    title: 'Rentroll did not answer as expected',
    detail: `The answer was HTTP ${response.status} without an explanation.`,
    nextStep: 'Try again. If it stays, look at the server log.',
    status: response.status,
  }
}

/** One key per form: repeating a request with the same key returns the first result. */
export function createRequestKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
