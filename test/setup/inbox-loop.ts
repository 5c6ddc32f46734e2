/** The inbox loop for tests: started, stopped after each test, and looked at until it has done its work. Many news come as they would in traffic. */
import { afterEach, expect } from 'vitest'
import type { Scope } from '#kernel'
import { newId, withoutScope } from '#platform'
import { listInboxEvents, type Reactions } from '#inbox'
import { startInbox, type Inbox, type InboxOptions } from '../../src/webhooks/start-inbox.ts'
import { claimObjects } from '../../src/webhooks/store.ts'
import type { TestGround } from './databases.ts'
import { eventText, makeReceiver, signatureFor, type TestConnection } from './inbox.ts'
import { soon } from './soon.ts'

/** Call it where the tests are named: it stops what they started. */
export function inboxLoops(ground: () => TestGround) {
  let inboxes: Inbox[] = []

  afterEach(async () => {
    for (const inbox of inboxes) await inbox.stop()
    inboxes = []
  })

  const start = (reactions: Reactions, options: Partial<InboxOptions> = {}): Inbox => {
    const { database, logs } = ground()
    const inbox = startInbox({ database, logs, reactions, isOnlyProcess: false, ...options })
    inboxes.push(inbox)
    return inbox
  }

  const states = async (scope: Scope) => {
    const { events } = await listInboxEvents(ground().database, scope, { limit: 100 })
    return events.map(({ state }) => state).toSorted()
  }
  const expectSoon = (scope: Scope, expected: readonly string[]) =>
    soon(async () => expect(await states(scope)).toEqual(expected))

  /** News of many objects, kept together as they would be. */
  const deliverMany = async (connection: TestConnection, count: number, prefix: string) => {
    const receiver = makeReceiver(ground())
    const { endpointToken, secret } = connection
    const receipts = Array.from({ length: count }, (_one, number) => {
      const body = eventText({ objectId: `${prefix}${number}` })
      const signature = signatureFor(ground(), { body, secret })
      return receiver.receive({ endpointToken, signature, body: Buffer.from(body) })
    })
    expect(new Set(await Promise.all(receipts))).toEqual(new Set(['kept']))
  }

  const claimWish = () => {
    const now = ground().clock.now()
    const leaseUntil = new Date(now.getTime() + 10_000)
    const after = '00000000-0000-0000-0000-000000000000'
    const claim = newId(ground().clock)
    return { now, leaseUntil, claim, most: 1_000, mostPerOperator: 1_000, busyOperators: [], after }
  }
  /** What a process does just before it dies. */
  const claimEverything = async () => {
    const wish = claimWish()
    return withoutScope(ground().database, (rows) => claimObjects(rows, wish))
  }

  return { start, states, expectSoon, deliverMany, claimWish, claimEverything }
}
