/**
 * Live updates as server-sent events (UI-26). Messages carry ids only; the page asks the API again, so rights are checked on the usual
 * path. The session is looked at again with each heartbeat, and a client that does not read is let go.
 */
import { isMode, isUuid, type Mode, type Scope } from '#kernel'
import { findVisit, isAllowed } from '#operators'
import { createRoute, z } from '@hono/zod-openapi'
import { publicApp, type ApiContext } from './context.ts'
import { createLiveFacts, instantOf, listMissed, type LiveFacts, type LiveNews } from './live-facts.ts'
import { apiRefusal } from './problems.ts'
import { enter, getVisit } from './session.ts'

const heartbeatMs = 15_000
const replayMs = 10 * 60_000
/** A new page may have read its data a moment before it began to listen. */
const overlapMs = 3_000
const mostStreams = 1_000
const mostWaiting = 1_000

const streamRoute = createRoute({
  method: 'get',
  path: '/stream',
  'x-permission': 'signed_in',
  request: {
    query: z.strictObject({ operator: z.string(), mode: z.custom<Mode>(isMode, 'Choose test or live.') }),
  },
  responses: {
    200: {
      content: { 'text/event-stream': { schema: z.string() } },
      description: 'Messages `changed` with object and id, and `resync`.',
    },
  },
})

export function streamRoutes(context: ApiContext) {
  const facts = createLiveFacts(context)
  const open = new Set<() => void>()
  context.drain.onMark(() => {
    for (const close of open) close()
    facts.stop()
  })
  return publicApp().openapi(streamRoute, async (c) => {
    if (open.size >= mostStreams || context.drain.isDraining()) throw apiRefusal('busy')
    const { operator: slug, mode } = c.req.valid('query')
    const { operator, role } = await enter(context.people, getVisit(c), slug)
    if (!isAllowed(role, 'dashboard.view')) throw apiRefusal('not_allowed')
    const scope = { operatorId: operator.id, mode }
    const missed = await findMissed(context, scope, c.req.header('Last-Event-ID'))
    const isStillWelcome = async () => (await findVisit(context.people, c.req.raw.headers, 'unattended')) !== undefined
    const body = eventStream({
      facts,
      scope,
      missed,
      isStillWelcome,
      open,
      onCount: () => context.metrics.setStreams(open.size),
    })
    return c.body(body, 200, {
      'Content-Type': 'text/event-stream',
      'X-Accel-Buffering': 'no',
      'Cache-Control': 'no-store',
    })
  })
}

async function findMissed(context: ApiContext, scope: Scope, lastId: string | undefined): Promise<readonly LiveNews[]> {
  const now = context.clock.now().getTime()
  if (lastId === undefined) return (await listMissed({ ...context, scope }, lowestIdAt(now - overlapMs))) ?? ['resync']
  if (!isUuid(lastId) || now - instantOf(lastId) > replayMs) return ['resync']
  return (await listMissed({ ...context, scope }, lastId)) ?? ['resync']
}

function lowestIdAt(instant: number): string {
  const hex = instant.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`
}

type Stream = {
  readonly facts: LiveFacts
  readonly scope: Scope
  readonly missed: readonly LiveNews[]
  readonly isStillWelcome: () => Promise<boolean>
  readonly open: Set<() => void>
  readonly onCount: () => void
}

function eventStream({ facts, scope, missed, isStillWelcome, open, onCount }: Stream): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let release = () => {}
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const write = (text: string) => {
          if ((controller.desiredSize ?? 0) <= 0) return close()
          controller.enqueue(encoder.encode(text))
        }
        const beat = setInterval(() => {
          isStillWelcome().then((isWelcome) => (isWelcome ? write(': still here\n\n') : close()), close)
        }, heartbeatMs)
        const stopListening = facts.listen(scope, (news) => write(eventText(news)))
        const close = () => {
          if (!open.has(close)) return
          release()
          controller.close()
        }
        release = () => {
          clearInterval(beat)
          stopListening()
          open.delete(close)
          onCount()
        }
        open.add(close)
        onCount()
        write('retry: 2000\n\n')
        for (const news of missed) write(eventText(news))
      },
      cancel: () => release(),
    },
    { highWaterMark: mostWaiting },
  )
}

function eventText(news: LiveNews): string {
  if (news === 'resync') return 'event: resync\ndata: {}\n\n'
  return news.changes
    .map((change) => `id: ${news.factId}\nevent: changed\ndata: ${JSON.stringify(change)}\n\n`)
    .join('')
}
