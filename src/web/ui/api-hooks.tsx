/**
 * Server state in screens: one query hook, one deed hook. Nothing is remembered anywhere else. After a deed everything shown is
 * read again, because one deed changes many figures and the server alone knows which.
 */
import { QueryClient, useMutation, useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query'
import { createContext, useContext, useEffect, useRef, useState, type ReactNode } from 'react'
import { ApiProblem, createRequestKey, problemOf, type ApiClient, type Problem } from './api-client.ts'

/** Amounts on the wire: minor units as text, because JSON numbers cannot carry them exactly. */
export type WireMoney = { readonly amountMinor: string; readonly currency: string }

/** Whether a deed is possible now, with the reason when it is not; decided by the server. */
export type Can = { readonly allowed: boolean; readonly reason?: string | undefined }

/** One page of a list. */
export type ListPage<Row> = {
  readonly rows: readonly Row[]
  readonly next?: string | undefined
  /** Absent where counting would cost more than it tells. */
  readonly count?: number | undefined
  readonly isCountCapped?: boolean | undefined
}

const ApiContext = createContext<ApiClient | undefined>(undefined)

export function ApiProvider({ client, children }: { client: ApiClient; children: ReactNode }) {
  return <ApiContext value={client}>{children}</ApiContext>
}

export function useApi(): ApiClient {
  const client = useContext(ApiContext)
  if (!client) throw new Error('useApi is used outside ApiProvider')
  return client
}

/** Only silence and server faults are asked again; a refusal would be refused again. */
function isWorthRepeating(count: number, error: Error): boolean {
  return count < 2 && error instanceof ApiProblem && (error.problem.status === 0 || error.problem.status >= 500)
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { staleTime: 5_000, gcTime: 300_000, retry: isWorthRepeating, refetchOnWindowFocus: true },
      mutations: { retry: false },
    },
  })
}

type QueryOptions<Answer> = {
  /** Keeps the last answer on screen while the next one is on its way. */
  readonly keepsPrevious?: boolean
  /** Asks again every two seconds as long as this holds of the answer. */
  readonly repeatWhile?: (answer: Answer) => boolean
  /** Asks again and again while the page is visible, for what no fact tells about. */
  readonly repeatsEveryMs?: number
  readonly isWanted?: boolean
}

const repeatMs = 2_000

export function useApiQuery<Answer>(path: string, options: QueryOptions<Answer> = {}): UseQueryResult<Answer> {
  const { repeatWhile, repeatsEveryMs } = options
  const client = useApi()
  return useQuery<Answer>({
    queryKey: ['api', client.name, path],
    queryFn: () => client.read<Answer>(path),
    enabled: options.isWanted ?? true,
    ...(options.keepsPrevious ? { placeholderData: (before: Answer | undefined) => before as never } : {}),
    ...(repeatsEveryMs === undefined ? {} : { refetchInterval: repeatsEveryMs }),
    ...(repeatWhile === undefined
      ? {}
      : { refetchInterval: ({ state }) => (state.data !== undefined && repeatWhile(state.data) ? repeatMs : false) }),
  })
}

/** Asks the server what a deed would do, without doing it (UI-41). Nothing is asked until there is a body. */
export function usePreview<Answer>(path: string, body: object | undefined): UseQueryResult<Answer> {
  const client = useApi()
  return useQuery<Answer>({
    queryKey: ['api', client.name, path, body],
    queryFn: () => client.send<Answer>(path, body),
    enabled: body !== undefined,
    placeholderData: (before: Answer | undefined) => before as never,
  })
}

/**
 * Follows something that is decided elsewhere, such as a card entered on a hosted page: has the server ask there once, then reads
 * until it is settled, and then has everything on the screen read again.
 */
export function useFollow<Answer>(
  path: string | undefined,
  isSettled: (answer: Answer) => boolean,
): Answer | undefined {
  const client = useApi()
  const queries = useQueryClient()
  useEffect(() => {
    if (path !== undefined) void client.send(`${path}/check`).catch(() => undefined)
  }, [client, path])
  const { data: answer } = useApiQuery<Answer>(path ?? '', {
    isWanted: path !== undefined,
    repeatWhile: (found) => !isSettled(found),
  })
  const isDone = answer !== undefined && isSettled(answer)
  useEffect(() => {
    if (isDone) void queries.invalidateQueries({ queryKey: ['api', client.name] })
  }, [isDone, queries, client.name])
  return answer
}

export type Deed<Input> = {
  /** Sends once; a second press while it runs does nothing. Resolves to true when it was accepted. */
  readonly run: (input: Input) => Promise<boolean>
  readonly isRunning: boolean
  readonly problem: Problem | undefined
  readonly forget: () => void
}

type DeedOptions<Input, Answer> = {
  readonly send: (client: ApiClient, input: Input) => Promise<Answer>
  readonly onDone?: (answer: Answer) => void | Promise<void>
  /** The path whose answer this one replaces at once, for a form that is filled from it again before it can be read anew. */
  readonly answers?: string
  /** The screen is left afterwards, so nothing on it is read again. */
  readonly isLast?: boolean
  /** Sees a refusal first, for the few that carry more than words. */
  readonly onRefused?: (refusal: ApiProblem) => void
}

export function useDeed<Input = void, Answer = unknown>(options: DeedOptions<Input, Answer>): Deed<Input> {
  const client = useApi()
  const queries = useQueryClient()
  const isUnderWay = useRef(false)
  const { key, renew } = useRequestKey()
  const mutation = useMutation({ mutationFn: (input: Input) => options.send(client.keyed(key), input) })
  const run = async (input: Input): Promise<boolean> => {
    if (isUnderWay.current) return false
    isUnderWay.current = true
    try {
      const answer = await mutation.mutateAsync(input)
      renew()
      if (options.answers !== undefined) queries.setQueryData(['api', client.name, options.answers], answer)
      void queries.invalidateQueries({ queryKey: ['api'], refetchType: options.isLast === true ? 'none' : 'active' })
      await options.onDone?.(answer)
      return true
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error
      // Its first sending has been told of; what is sent from here on is meant as another one.
      if (error.problem.code === 'request_key_reused') renew()
      options.onRefused?.(error)
      return false
    } finally {
      isUnderWay.current = false
    }
  }
  const problem = mutation.error === null ? undefined : problemOf(mutation.error)
  return { run, isRunning: mutation.isPending, problem, forget: () => mutation.reset() }
}

/** A key that lives as long as the form; `renew` after the deed is done, so that the next one is a new deed. */
export function useRequestKey(): { readonly key: string; readonly renew: () => void } {
  const [key, setKey] = useState(createRequestKey)
  return { key, renew: () => setKey(createRequestKey()) }
}

const placeKey = 'rentroll.place-before-hosted-page'

/** A bank sends everybody back to one address that knows nothing; this browser remembers where its person came from. */
function rememberPlace(): void {
  window.sessionStorage.setItem(placeKey, `${window.location.pathname}${window.location.search}`)
}

/** The place remembered before a hosted page, always on our own origin. */
export function recallPlace(): string | undefined {
  const place = window.sessionStorage.getItem(placeKey)
  return place !== null && /^\/(?!\/)/.test(place) ? place : undefined
}

type HostedPage = { readonly url?: string | undefined }

/** Fetches the address of a page hosted elsewhere and goes there at top level (UI-71); none means nobody needs to go any more. */
export function useHostedPage<Input extends object>(path: string): Deed<Input> {
  return useDeed<Input, HostedPage>({
    send: (api, input) => api.send<HostedPage>(path, input),
    onDone: ({ url }) => {
      if (url === undefined) return
      rememberPlace()
      window.location.assign(url)
    },
  })
}
