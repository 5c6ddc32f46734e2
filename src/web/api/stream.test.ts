import { afterAll, beforeAll, expect, test } from 'vitest'
import { publicId, type Scope } from '#kernel'
import { inScope, newId, recordFact } from '#platform'
import { openTestApi, until, type SignedUp, type TestApi } from '#test/api'
import { eachDatabase } from '#test/databases'

eachDatabase('live updates', {}, (ground) => {
  let api: TestApi
  let owner: SignedUp
  let scope: Scope
  beforeAll(async () => {
    api = await openTestApi(ground())
    owner = await api.signUp()
    const { id } = await ground()
      .database.handle.selectFrom('app.operators')
      .select('id')
      .where('slug', '=', owner.slug)
      .executeTakeFirstOrThrow()
    scope = { operatorId: id, mode: 'test' }
  })
  afterAll(() => api.stop())

  function cookieOf({ visitor }: SignedUp): string {
    return [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  async function listen(who: SignedUp, { mode = 'test', lastId }: { mode?: string; lastId?: string } = {}) {
    const ending = new AbortController()
    const headers = { cookie: cookieOf(who), ...(lastId !== undefined && { 'last-event-id': lastId }) }
    const answer = await fetch(`${api.origin}/api/v1/stream?operator=${owner.slug}&mode=${mode}`, {
      headers,
      signal: ending.signal,
    })
    const heard: string[] = []
    const reading = (async () => {
      for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) heard.push(chunk)
    })().catch(() => undefined)
    const messages = () =>
      heard
        .join('')
        .split('\n\n')
        .filter((message) => message.includes('event: '))
    return { answer, messages, text: () => heard.join(''), ended: reading, end: () => ending.abort() }
  }

  function record(inMode: 'test' | 'live' = 'test') {
    const invoice = newId(ground().clock)
    return inScope(ground().database, { ...scope, mode: inMode }, async (rows) => ({
      invoice,
      factId: await recordFact(rows, { name: 'invoice.paid', ids: { invoice, payment: newId(ground().clock) } }),
    }))
  }

  test('UI-26: what was committed is told by itself, by id alone, to every listener', async () => {
    const [one, other] = [await listen(owner), await listen(owner)]

    const { invoice, factId } = await record()
    await until(
      async () => (one.messages().length > 1 && other.messages().length > 1 ? true : undefined),
      'the message at both',
    )

    // It waits for no heartbeat.
    expect(one.text() + other.text()).not.toContain(': still here')
    expect(one.answer.headers.get('content-type')).toBe('text/event-stream')
    expect(one.answer.headers.get('x-accel-buffering')).toBe('no')
    expect(one.messages()[0]).toContain(
      `id: ${factId}\nevent: changed\ndata: ${JSON.stringify({ object: 'invoice', id: publicId('invoice', invoice) })}`,
    )
    expect(one.messages()[1]).toContain('"object":"payment"')
    one.end()
    other.end()
  })

  test('each fact is told once, and nothing of the other mode', async () => {
    const listener = await listen(owner, { lastId: newId(ground().clock) })

    await record('live')
    const { factId } = await record('test')
    await until(
      async () => (listener.messages().some((message) => message.includes(factId)) ? true : undefined),
      'the fact',
    )
    const { factId: later } = await record('test')
    await until(
      async () => (listener.messages().some((message) => message.includes(later)) ? true : undefined),
      'the later fact',
    )

    expect(listener.messages().filter((message) => message.includes(factId))).toHaveLength(2)
    listener.end()
  })

  test('UI-26: a page that was away hears what it missed; after ten minutes it is told to read everything again', async () => {
    const { factId: seen } = await record()
    const { factId: missed } = await record()

    const back = await listen(owner, { lastId: seen })
    await until(
      async () => (back.messages().some((message) => message.includes(missed)) ? true : undefined),
      'the missed fact',
    )
    ground().clock.advance(10 * 60_000 + 1)
    const late = await listen(owner, { lastId: seen })
    await until(async () => (late.messages().length > 0 ? true : undefined), 'the answer to a late page')

    expect(back.messages().some((message) => message.includes(seen))).toBe(false)
    expect(late.messages()[0]).toContain('event: resync')
    back.end()
    late.end()
  })

  test('nobody listens to another operator', async () => {
    const stranger = await api.signUp()

    const foreign = await listen(stranger)
    const nobody = await fetch(`${api.origin}/api/v1/stream?operator=${owner.slug}&mode=test`)

    expect([foreign.answer.status, nobody.status]).toEqual([404, 401])
  })

  test('TRU-201: draining ends open streams and takes no new ones', async () => {
    const own = await openTestApi(ground())
    const headers = { cookie: cookieOf(owner) }
    const open = await fetch(`${own.origin}/api/v1/stream?operator=${owner.slug}&mode=test`, { headers })
    const read = open.text()

    own.drain.mark()

    expect(await read).toContain('retry: 2000')
    expect((await fetch(`${own.origin}/api/v1/stream?operator=${owner.slug}&mode=test`, { headers })).status).toBe(503)
    expect((await fetch(`${own.origin}/readyz`)).status).toBe(503)
    await own.stop()
  })
})
