/**
 * The clock over HTTP (SBX-38): GET /_sandbox/clock, POST {advance | set | freeze}, POST /_sandbox/clock/cancel. A turn is
 * answered when it has ended; with `wait: false` it is answered 202 at once and GET tells how far it is.
 */
import { json } from '../http.ts'
import type { Route, SandboxReply, SandboxRequest } from '../http.ts'
import { ClockRefused } from './time-control.ts'
import type { ClockWish, TimeControl } from './time-control.ts'

const at = '/_sandbox/clock'

export function clockRoutes(time: TimeControl): Route[] {
  return [
    { method: 'GET', pattern: at, isForPrograms: true, handle: () => json(time.view) },
    { method: 'POST', pattern: at, isForPrograms: true, handle: (request) => turn(time, request) },
    { method: 'POST', pattern: `${at}/cancel`, isForPrograms: true, handle: () => cancel(time) },
  ]
}

async function turn(time: TimeControl, request: SandboxRequest): Promise<SandboxReply> {
  try {
    const { wait, ...wish } = readWish(request)
    if (!wait) return json(await time.begin(wish), 202)
    const view = await time.turn(wish)
    return json(view, view.walk?.state === 'stuck' && !isOnlyFreeze(wish) ? 500 : 200)
  } catch (error) {
    if (error instanceof ClockRefused) return json({ error: error.message }, error.status)
    throw error
  }
}

async function cancel(time: TimeControl): Promise<SandboxReply> {
  return (await time.cancel()) ? json(time.view) : json({ error: 'The clock is not being turned.' }, 409)
}

function isOnlyFreeze(wish: ClockWish): boolean {
  return wish.advance === undefined && wish.set === undefined
}

function readWish(request: SandboxRequest): ClockWish & { wait: boolean } {
  const given = readObject(request.body.toString('utf8'))
  const stray = Object.keys(given).find((name) => !['advance', 'set', 'freeze', 'wait'].includes(name))
  if (stray !== undefined) throw new ClockRefused(400, `${stray} is not known here.`)
  const { advance, set, freeze, wait = true } = given
  if (advance !== undefined && typeof advance !== 'string') throw new ClockRefused(400, 'advance must be a text.')
  if (set !== undefined && typeof set !== 'string') throw new ClockRefused(400, 'set must be a text.')
  if (freeze !== undefined && typeof freeze !== 'boolean') throw new ClockRefused(400, 'freeze must be true or false.')
  if (typeof wait !== 'boolean') throw new ClockRefused(400, 'wait must be true or false.')
  return {
    wait,
    ...(advance !== undefined && { advance }),
    ...(set !== undefined && { set }),
    ...(freeze !== undefined && { freeze }),
  }
}

function readObject(text: string): Record<string, unknown> {
  try {
    const read: unknown = text === '' ? {} : JSON.parse(text)
    if (typeof read === 'object' && read !== null && !Array.isArray(read)) return read as Record<string, unknown>
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new ClockRefused(400, 'The body must be a JSON object.')
}
