/**
 * Our side of a history: rows, inbox, re-reads and polls in an invented time, with the decisions made by the product's own
 * functions and nothing else. Work on one inbox object is done one at a time, as claims do; polls, answers of calls and a person's
 * "Check again" read whenever they like, overtake each other and may end two minutes after they began.
 */
import { judgeArrival, type Signer } from '../src/inbox/arrival.ts'
import { endByFailure, type ClaimedEvent } from '../src/webhooks/event-end.ts'
import { parseEvent } from '../src/inbox/parse-event.ts'
import { StripeFault } from '../src/stripe/index.ts'
import { createAgenda } from './agenda.ts'
import { follow, look, planAttempt, reading, settle, type Desk } from './readings.ts'
import { owner, type Delivery } from './deliveries.ts'
import { readAt, type History, type Thing } from './histories.ts'
import { openRow, type Judges, type Row } from './rows.ts'
import type { Random } from './random.ts'

export type Received = {
  readonly rows: readonly Row[]
  readonly accepted: number
  readonly wrongs: readonly string[]
}

type Door = {
  readonly desk: Desk
  readonly inbox: Map<string, Inbox>
  readonly seenEvents: Set<string>
  accepted: number
}

type Inbox = { readonly things: readonly number[]; waiting: number; isBusy: boolean }

const signer: Signer = {
  operatorId: owner.operatorId,
  mode: 'test',
  connectionId: '01890000-0000-7000-8000-000000000003',
  accountId: owner.accountId,
}
const startMs = 1_795_000_000_000

/** Lives through a history until nothing is left to do. */
export function receive(
  history: History,
  deliveries: readonly Delivery[],
  { random, judges }: { random: Random; judges: Judges },
): Received {
  const desk: Desk = {
    history,
    random,
    judges,
    agenda: createAgenda(),
    rows: history.things.map(openRow),
    wrongs: [],
  }
  const door: Door = { desk, inbox: new Map(), seenEvents: new Set(), accepted: 0 }
  for (const delivery of deliveries) desk.agenda.plan(delivery.at, () => arrive(door, delivery))
  history.things.forEach((thing, place) => {
    thing.attempts.forEach((_attempt, turn) => planAttempt(desk, place, turn))
    if (thing.kind === 'setup_intent') follow(desk, place)
    // A quiet end is one after the last change at Stripe.
    desk.agenda.plan(thing.moments.at(-1)!.at, () => undefined)
    for (let turn = random.below(4); turn > 0; turn -= 1) {
      const { at } = random.pick(thing.moments)
      desk.agenda.plan(at + random.below(120_000) - 60_000, () => look(desk, place))
    }
  })
  desk.agenda.run()
  return { rows: desk.rows, accepted: door.accepted, wrongs: desk.wrongs }
}

/** The front door and the inbox: kept once by its id, judged, and its object is given work (STR-62, STR-65). */
function arrive(door: Door, { eventId, body }: Delivery): void {
  const { desk, inbox: inboxes } = door
  if (door.seenEvents.has(eventId)) return
  door.seenEvents.add(eventId)
  const arrival = judgeArrival(parseEvent(body), signer)
  if (arrival.state !== 'received') return
  door.accepted += 1
  const key = `${arrival.objectKind}|${arrival.objectId}`
  let inbox = inboxes.get(key)
  if (!inbox) inboxes.set(key, (inbox = { things: thingsOf(desk.history, arrival), waiting: 0, isBusy: false }))
  inbox.waiting += 1
  if (!inbox.isBusy && inbox.waiting === 1)
    planWork(desk, inbox, { at: desk.agenda.now() + desk.random.below(50), tries: 0 })
}

function thingsOf({ things, chargeId }: History, about: { objectKind: string; objectId: string }): readonly number[] {
  const isRead = (thing: Thing): boolean =>
    about.objectKind === 'charge'
      ? about.objectId === chargeId
      : thing.kind === about.objectKind && thing.id === about.objectId
  return things.flatMap((thing, place) => (isRead(thing) ? [place] : []))
}

/** @param when.tries how often Stripe was silent before. */
function planWork(desk: Desk, inbox: Inbox, when: { at: number; tries: number }): void {
  const { at, tries } = when
  desk.agenda.plan(at, () => {
    if (inbox.isBusy || inbox.waiting === 0) return
    inbox.isBusy = true
    const claimed = inbox.waiting
    inbox.waiting = 0
    const receivedAt = desk.agenda.now()
    const { seenAt, endAt } = reading(desk)
    desk.agenda.plan(endAt, () => {
      inbox.isBusy = false
      if (tries < 3 && desk.random.isHit(0.05)) {
        inbox.waiting += claimed
        planWork(desk, inbox, { at: nextTry(receivedAt, desk.agenda.now()), tries: tries + 1 })
        return
      }
      for (const place of inbox.things) settle(desk, place, { seen: readAt(desk.history.things[place]!, seenAt) })
      if (inbox.waiting > 0) planWork(desk, inbox, { at: desk.agenda.now(), tries: 0 })
    })
  })
}

/** Stripe was silent: when the product would ask again (STR-70). */
function nextTry(receivedAt: number, now: number): number {
  const event: ClaimedEvent = { id: '', eventId: '', type: '', attempts: 1, receivedAt: new Date(startMs + receivedAt) }
  const fault = new StripeFault({ kind: 'network', operation: 'proof', isWrite: false, message: 'no answer' })
  const { nextAttemptAt } = endByFailure(fault)(event, new Date(startMs + now))
  return nextAttemptAt!.getTime() - startMs
}
