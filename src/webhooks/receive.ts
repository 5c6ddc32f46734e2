/**
 * The front door: a delivery is verified, read, kept and committed before it is answered (STR-52 to STR-56, STR-62). What surprises:
 * it makes no difference to the answer what the event says. Whatever a right signature brought is kept, even when nobody can read it,
 * because Stripe never sends an answered event again.
 */
import { createHash } from 'node:crypto'
import { listTargets, recordRefusedDelivery, recordVerifiedDelivery } from '#connections'
import { judgeArrival, parseEvent, sourceAccountOf, type NewEvent, type StripeEvent } from '#inbox'
import { inScope, newId, type Database, type Logs, type SecretBox } from '#platform'
import { createAccountMap, judgeInstallationNews, type AccountMap } from './installation-news.ts'
import { createKeepQueue, type KeepQueue } from './keep-queue.ts'
import { createKeyRing, type InstallationSecrets, type KeyRing, type RingOwner } from './key-ring.ts'
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
  /** From the environment, beside what is stored (STR-43). */
  readonly installation?: InstallationSecrets
  /** Told after the commit of an event that needs work. */
  readonly onKept: () => void
}

const noteEveryMs = 1_000
const mostNoted = 1_000

type Door = ReceiverOptions & {
  readonly ring: KeyRing
  readonly queue: KeepQueue
  readonly accounts: AccountMap
  readonly notedAt: Map<string, number>
}

type OperatorOwner = Exclude<RingOwner, { readonly installation: unknown }>

export function createReceiver(options: ReceiverOptions): Receiver {
  const { database, box, installation = {} } = options
  const door: Door = {
    ...options,
    ring: createKeyRing({ database, box, installation }),
    queue: createKeepQueue(database),
    accounts: createAccountMap(database),
    notedAt: new Map(),
  }
  return { receive: (delivery) => receive(door, delivery) }
}

async function receive(door: Door, delivery: Delivery): Promise<Receipt> {
  const { body, signature, endpointToken } = delivery
  const { slots, owners, fillers } = await door.ring.at(endpointToken)
  const now = door.database.clock.now()
  const slot = verifySignature({ header: signature, body, now, slots, fillers })
  const owner = slot === undefined ? undefined : owners[slot]
  if (!owner) {
    noteRefusal(door, delivery)
    return 'invalid_signature'
  }
  if (!door.queue.hasRoomFor(body.byteLength)) return 'busy'
  await keep(door, owner, body)
  if (!('installation' in owner)) await noteVerified(door, owner)
  return 'kept'
}

/** One row with its payload, committed. */
async function keep(door: Door, owner: RingOwner, body: Uint8Array): Promise<void> {
  const event = parseEvent(body)
  const judged =
    'installation' in owner
      ? await judgeInstallationNews(door.accounts, event, owner.installation)
      : judgeOwnNews(event, owner)
  const { clock } = door.database
  const kept: NewEvent = {
    ...judged,
    ...namesOf(event, body),
    id: newId(clock),
    via: 'delivery',
    receivedAt: clock.now(),
    body: blankClientSecrets(body),
  }
  const isNew = await door.queue.keep(kept)
  if (isNew && kept.state === 'received') door.onKept()
  if (isNew && (kept.state === 'dead' || kept.state === 'quarantined')) {
    const { operatorId, mode, eventId, state, reason } = kept
    door.logs.error({ operatorId, mode, eventId, state, reason }, 'an inbox event needs a person')
  }
}

function judgeOwnNews(event: StripeEvent | undefined, { operatorId, mode, connectionId, accountId }: OperatorOwner) {
  const signer = { operatorId, mode, connectionId, accountId }
  return {
    ...judgeArrival(event, signer),
    sourceAccount: sourceAccountOf(event, signer),
    operatorId,
    mode,
    connectionId,
    endpoint: 'own' as const,
  }
}

/**
 * The bytes as they came, except for the client secrets of intents: with the publishable key they open an intent to whoever holds them, and
 * nobody reads them from here (TRU-10).
 */
function blankClientSecrets(body: Uint8Array): Uint8Array {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  if (!bytes.includes('_secret_')) return bytes
  return Buffer.from(bytes.toString('latin1').replaceAll(/\b((?:pi|seti|cs)_\w+?_secret_)\w+/g, '$1****'), 'latin1')
}

/** An unreadable body is known by its hash, so that repeats of it stay one row. */
function namesOf(event: StripeEvent | undefined, body: Uint8Array) {
  if (event) return { eventId: event.eventId, type: event.type, apiVersion: event.apiVersion }
  const hash = createHash('sha256').update(body).digest('hex')
  return { eventId: `evt_unreadable_${hash.slice(0, 32)}`, type: 'unreadable', apiVersion: '' }
}

/** The event is safe by now, so a failure here must not make Stripe repeat it. At most once a second for each secret. */
async function noteVerified(
  door: Door,
  { operatorId, mode, connectionId, endpointSecretId }: OperatorOwner,
): Promise<void> {
  const { database, logs } = door
  const at = database.clock.now()
  if (!isDue(door, endpointSecretId, at)) return
  try {
    await inScope(database, { operatorId, mode }, (rows) =>
      recordVerifiedDelivery(rows, { connectionId, endpointSecretId, at }),
    )
  } catch (error) {
    door.notedAt.delete(endpointSecretId)
    logs.error(
      { operatorId, mode, connectionId, error: String(error) },
      'a verified delivery was not noted on its connection',
    )
  }
}

/** Never awaited by the answer: nobody can tell from its time whether this address exists. */
function noteRefusal(door: Door, { endpointToken }: Delivery): void {
  const { database, logs } = door
  logs.warn({ path: endpointToken === undefined ? 'shared' : 'own' }, 'a delivery was refused: invalid signature')
  const at = database.clock.now()
  if (endpointToken === undefined || !isDue(door, endpointToken, at)) return
  recordRefusal(door, endpointToken, at).catch((error: unknown) => {
    logs.error({ error: String(error) }, 'a refused delivery was not noted on its connection')
  })
}

async function recordRefusal({ database }: Door, endpointToken: string, at: Date): Promise<void> {
  for (const { operatorId, mode, connectionId } of await listTargets(database, 'endpoint_token', endpointToken)) {
    await inScope(database, { operatorId, mode }, (rows) => recordRefusedDelivery(rows, { connectionId, at }))
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
