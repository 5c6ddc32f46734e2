/**
 * The front door: a delivery is verified, read, kept and committed before it is answered (STR-52 to STR-56, STR-62). What surprises:
 * it makes no difference to the answer what the event says. Whatever a right signature brought is kept, even when nobody can read it,
 * because Stripe never sends an answered event again.
 */
import { createHash } from 'node:crypto'
import { candidateSecrets, findConnection, listTargets, type CandidateSecret } from '#connections'
import { createDeliveryTally, type DeliveryTally } from '#endpoints'
import { inScope, newId, newToken, withoutScope, type Database, type Logs, type SecretBox } from '#platform'
import {
  insertEvent,
  judgeArrival,
  parseEvent,
  sourceAccountOf,
  type NewEvent,
  type Signer,
  type StripeEvent,
} from '#inbox'
import { drawFillers, fillSlots, type Fillers } from './signature.ts'
import { verifySignature } from './verify-signature.ts'

export type Delivery = {
  /** Present on the operator's own address. */
  readonly endpointToken?: string
  /** The header `Stripe-Signature` as it came. */
  readonly signature: string | undefined
  readonly body: Uint8Array
}

/** `busy`: nothing was kept and Stripe is to send it again. */
export type Receipt = 'kept' | 'invalid_signature' | 'busy'

export type Receiver = {
  /** @throws when the database could not keep it; nothing may then be acknowledged. */
  receive(delivery: Delivery): Promise<Receipt>
}

export type ReceiverOptions = {
  readonly database: Database
  readonly box: SecretBox
  readonly logs: Logs
  /** Told after the commit of an event that needs work. */
  readonly onKept: () => void
}

const mostWaiting = 2_000
const mostWaitingBytes = 16 * 1024 * 1024
const noteEveryMs = 1_000
const mostNoted = 1_000

type Door = ReceiverOptions & {
  readonly fillers: Fillers
  readonly accounts: Map<string, string>
  readonly notedAt: Map<string, number>
  readonly tally: DeliveryTally
  readonly waiting: { count: number; bytes: number }
}

export function createReceiver(options: ReceiverOptions): Receiver {
  const door: Door = {
    ...options,
    fillers: drawFillers(newToken),
    accounts: new Map(),
    notedAt: new Map(),
    tally: createDeliveryTally(options),
    waiting: { count: 0, bytes: 0 },
  }
  return { receive: (delivery) => receive(door, delivery) }
}

async function receive(door: Door, delivery: Delivery): Promise<Receipt> {
  const candidate = await findSigner(door, delivery)
  if (!candidate) {
    noteRefusal(door, delivery)
    return 'invalid_signature'
  }
  const { waiting } = door
  if (waiting.count >= mostWaiting || waiting.bytes + delivery.body.byteLength > mostWaitingBytes) return 'busy'
  waiting.count += 1
  waiting.bytes += delivery.body.byteLength
  try {
    await keep(door, { candidate, body: delivery.body })
  } finally {
    waiting.count -= 1
    waiting.bytes -= delivery.body.byteLength
  }
  await noteVerified(door, candidate)
  return 'kept'
}

/** The secret that signed it. All secrets of the address take part, at equal cost (STR-52). */
async function findSigner(
  { database, box, fillers }: Door,
  { endpointToken, signature, body }: Delivery,
): Promise<CandidateSecret | undefined> {
  const now = database.clock.now()
  const candidates = await candidateSecrets(database, box, {
    now,
    ...(endpointToken !== undefined && { endpointToken }),
  })
  const slots = fillSlots(
    candidates.map(({ secret }) => secret.reveal()),
    fillers,
  )
  const slot = verifySignature({ header: signature, body, now, slots, fillers })
  return slot === undefined ? undefined : candidates[slot]
}

/**
 * One row with its payload, committed. The inbox is one row per event and account; where two operators are joined to one Stripe
 * account, the second keeps its own under a name of its own, so that neither swallows what was meant for the other.
 */
async function keep(door: Door, { candidate, body }: { candidate: CandidateSecret; body: Uint8Array }): Promise<void> {
  const { operatorId, mode, connectionId } = candidate
  const signer: Signer = { operatorId, mode, connectionId, accountId: await findAccountId(door, candidate) }
  const event = parseEvent(body)
  const { database } = door
  const kept: NewEvent = {
    ...judgeArrival(event, signer),
    ...namesOf(event, body),
    id: newId(database.clock),
    sourceAccount: sourceAccountOf(event, signer),
    operatorId,
    mode,
    connectionId,
    via: 'delivery',
    receivedAt: database.clock.now(),
    body: blankClientSecrets(body),
  }
  const deliveries = await withoutScope(
    database,
    async (rows) =>
      (await insertEvent(rows, kept)) ?? insertEvent(rows, { ...kept, sourceAccount: `own:${connectionId}` }),
  )
  if (deliveries === 1 && kept.state === 'received') door.onKept()
  if (deliveries === 1 && (kept.state === 'dead' || kept.state === 'quarantined')) {
    door.logs.error(
      { operatorId, mode, eventId: kept.eventId, state: kept.state, reason: kept.reason },
      'an inbox event needs a person',
    )
  }
}

/**
 * The bytes as they came, except for the client secrets of intents: with the publishable key they open an intent to whoever holds them, and
 * nobody reads them from here (TRU-10).
 */
function blankClientSecrets(body: Uint8Array): Uint8Array {
  const text = Buffer.from(body).toString('latin1')
  return Buffer.from(text.replaceAll(/\b((?:pi|seti|cs)_\w+?_secret_)\w+/g, '$1****'), 'latin1')
}

/** An unreadable body is known by its hash, so that repeats of it stay one row. */
function namesOf(event: StripeEvent | undefined, body: Uint8Array) {
  if (event) return { eventId: event.eventId, type: event.type, apiVersion: event.apiVersion }
  const hash = createHash('sha256').update(body).digest('hex')
  return { eventId: `evt_unreadable_${hash.slice(0, 32)}`, type: 'unreadable', apiVersion: '' }
}

/** Remembered once it is known: another account is another connection (STR-25). */
async function findAccountId(
  { database, accounts }: Door,
  { operatorId, mode, connectionId }: CandidateSecret,
): Promise<string | undefined> {
  const remembered = accounts.get(connectionId)
  if (remembered !== undefined) return remembered
  const connection = await inScope(database, { operatorId, mode }, (rows) => findConnection(rows, connectionId))
  const accountId = connection?.accountId ?? undefined
  if (accountId !== undefined) accounts.set(connectionId, accountId)
  return accountId
}

/** The event is safe by now; a failure here is logged and does not make Stripe repeat it. */
async function noteVerified({ tally }: Door, candidate: CandidateSecret): Promise<void> {
  const { operatorId, mode, connectionId, endpointSecretId: secretId } = candidate
  await tally.count({ scope: { operatorId, mode }, connectionId, secretId })
}

/** Never awaited by the answer: nobody can tell from its time whether this address exists. */
function noteRefusal(door: Door, { endpointToken }: Delivery): void {
  const { database, logs } = door
  logs.warn({ path: endpointToken === undefined ? 'shared' : 'own' }, 'a delivery was refused: invalid signature')
  const at = database.clock.now()
  if (endpointToken === undefined || !isDue(door, endpointToken, at)) return
  recordRefusal(door, endpointToken).catch((error: unknown) => {
    logs.error({ error: String(error) }, 'a refused delivery was not noted on its connection')
  })
}

async function recordRefusal({ database, tally }: Door, endpointToken: string): Promise<void> {
  for (const { operatorId, mode, connectionId } of await listTargets(database, 'endpoint_token', endpointToken)) {
    await tally.count({ scope: { operatorId, mode }, connectionId })
  }
}

function isDue({ notedAt }: Door, what: string, at: Date): boolean {
  const isSoon = at.getTime() - (notedAt.get(what) ?? -Infinity) < noteEveryMs
  if (isSoon) return false
  // Made-up tokens must not fill the memory; forgetting costs one write more.
  if (notedAt.size >= mostNoted) notedAt.clear()
  notedAt.set(what, at.getTime())
  return true
}
