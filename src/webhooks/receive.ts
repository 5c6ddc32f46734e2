/**
 * The front door: a delivery is verified, read, kept and committed before it is answered (STR-52 to STR-56, STR-62). What surprises:
 * it makes no difference to the answer what the event says. Whatever a right signature brought is kept, even when nobody can read it,
 * because Stripe never sends an answered event again.
 */
import { createHash } from 'node:crypto'
import { listTargets } from '#connections'
import { createDeliveryTally, type DeliveryTally } from '#endpoints'
import { judgeArrival, keepingNothing, parseEvent, sourceAccountOf, type NewEvent, type StripeEvent } from '#inbox'
import { createInstallationTally, type InstallationTally } from '#installation'
import { newId, newToken, type Database, type Logs, type SecretBox } from '#platform'
import { createAccountMap, type AccountMap } from './account-map.ts'
import { blankClientSecrets } from './blank-client-secrets.ts'
import { judgeInstallationNews } from './installation-news.ts'
import { createKeepQueue, type KeepQueue } from './keep-queue.ts'
import {
  createKeyRing,
  secretsReader,
  type InstallationSecrets,
  type KeyRing,
  type Ring,
  type RingOwner,
} from './key-ring.ts'
import { fillSlots } from './signature.ts'
import { verifySignature } from './verify-signature.ts'

export type Delivery = {
  /** Present on the operator's own address. */
  readonly endpointToken?: string
  /** The header `Stripe-Signature` as it came. */
  readonly signature: string | undefined
  readonly body: Buffer
}

/** `busy`: nothing was kept and Stripe is to send it again. */
export type Receipt = 'kept' | 'invalid_signature' | 'busy'

export type Receiver = {
  /** @throws when the database could not keep it; nothing may then be acknowledged. */
  receive(delivery: Delivery): Promise<Receipt>
  /** Writes what was only counted so far: before a process ends. */
  settle(): Promise<void>
  /**
   * Lets `work` send deliveries that go the whole road and of which nothing stays: no row, no count, nobody told. So a process can be quick
   * from its first real one on. PostgreSQL only.
   */
  practise(work: (practice: Practice) => Promise<void>): Promise<void>
}

/** @param secret by which a delivery has to be signed. @param receivers two that are alike, so that no code is made for one of them alone. */
export type Practice = { readonly secret: string; readonly receivers: readonly Pick<Receiver, 'receive'>[] }

export type ReceiverOptions = {
  readonly database: Database
  readonly box: SecretBox
  readonly logs: Logs
  /** From the environment, beside what is stored (STR-43). */
  readonly installation?: InstallationSecrets
  /** Told after the commit of an event that needs work. */
  readonly onKept: () => void
}

const mostRemembered = 1_000

type Door = ReceiverOptions & {
  readonly ring: KeyRing
  readonly queue: KeepQueue
  readonly accounts: AccountMap
  readonly tally: DeliveryTally
  readonly installationTally: InstallationTally
  /** Whose address a token is, for counting what was refused there. */
  readonly targets: Map<string, ReturnType<typeof listTargets>>
}

type OperatorOwner = Exclude<RingOwner, { readonly installation: unknown }>

export function createReceiver(options: ReceiverOptions): Receiver {
  const { database, box, installation = {} } = options
  return receiverAt(
    openDoor(options, {
      ring: createKeyRing(database.clock, secretsReader({ database, box, installation })),
      queue: createKeepQueue(database),
      accounts: createAccountMap(database),
      tally: createDeliveryTally(options),
      installationTally: createInstallationTally(options),
    }),
  )
}

type Fittings = Pick<Door, 'ring' | 'queue' | 'accounts' | 'tally' | 'installationTally'>

function openDoor(options: ReceiverOptions, { ring, queue, accounts, tally, installationTally }: Fittings): Door {
  return { ...options, ring, queue, accounts, tally, installationTally, targets: new Map() }
}

function receiverAt(door: Door): Receiver {
  return {
    receive: (delivery) => receive(door, delivery),
    settle: () => settle(door),
    practise: (work) => practise(door, work),
  }
}

async function practise(door: Door, work: (practice: Practice) => Promise<void>): Promise<void> {
  const { database } = door
  const secret = newToken()
  const owners = [{ installation: 'connect', endpointId: undefined }] as const
  const place = { operatorId: newId(database.clock), connectionId: newId(database.clock), mode: 'test' } as const
  const practised = () =>
    receiverAt(
      openDoor(
        { ...door, onKept: () => undefined },
        {
          ring: createKeyRing(database.clock, async (fillers) => {
            // What is really known is asked for as well, and of no use.
            await door.ring.at(undefined)
            return { ring: { slots: fillSlots([secret], fillers), owners, fillers }, endsAt: Infinity }
          }),
          queue: createKeepQueue(keepingNothing(database)),
          accounts: createAccountMap(database, { mostReadAhead: 0, readAll: async () => ({ of: () => place }) }),
          tally: silent,
          installationTally: silent,
        },
      ),
    )
  await work({ secret, receivers: [practised(), practised()] })
}

/** Counts nothing. */
const silent = {
  count: async () => undefined,
  refused: () => undefined,
  verified: () => undefined,
  flush: async () => undefined,
}

async function settle({ tally, installationTally }: Door): Promise<void> {
  await Promise.all([tally.flush(), installationTally.flush()])
}

async function receive(door: Door, delivery: Delivery): Promise<Receipt> {
  const { body, endpointToken } = delivery
  // A second look at what nobody signed tells a caller no more than the answer does.
  const owner =
    ownerOf(door, door.ring.known(endpointToken) ?? (await door.ring.at(endpointToken)), delivery) ??
    ownerOf(door, await door.ring.anew(endpointToken), delivery)
  if (!owner) {
    noteRefusal(door, delivery)
    return 'invalid_signature'
  }
  if (!door.queue.hasRoomFor(body.byteLength)) return 'busy'
  const event = parseEvent(body)
  const judged =
    'installation' in owner
      ? judgeInstallationNews(
          door.accounts.known(event) ?? (await door.accounts.find(event)),
          event,
          owner.installation,
        )
      : judgeOwnNews(event, owner)
  const news = newsOf(door, { judged, event, body })
  tell(door, news, await door.queue.keep(news))
  if ('installation' in owner)
    door.installationTally.verified({ kind: owner.installation, mode: news.mode, endpointId: owner.endpointId })
  else await noteVerified(door, owner)
  return 'kept'
}

/** Whose secret signed it, with the same work whichever it was. */
function ownerOf({ database }: Door, ring: Ring, { signature, body }: Delivery): RingOwner | undefined {
  const { slots, owners, fillers } = ring
  const slot = verifySignature({ header: signature, body, now: database.clock.now(), slots, fillers })
  return slot === undefined ? undefined : owners[slot]
}

type Judged = ReturnType<typeof judgeInstallationNews>

function judgeOwnNews(event: StripeEvent | undefined, owner: OperatorOwner): Judged {
  const { operatorId, mode, connectionId, accountId } = owner
  const signer = { operatorId, mode, connectionId, accountId }
  const sourceAccount = sourceAccountOf(event, signer)
  return { ...judgeArrival(event, signer), sourceAccount, operatorId, mode, connectionId, endpoint: 'own' }
}

/** What is kept: the row, and the bytes as they came but for client secrets. */
function newsOf(
  { database: { clock } }: Door,
  { judged, event, body }: { judged: Judged; event: StripeEvent | undefined; body: Buffer },
): NewEvent {
  const { eventId, type, apiVersion } = event ?? unreadable(body)
  blankClientSecrets(body)
  return { ...judged, eventId, type, apiVersion, id: newId(clock), via: 'delivery', receivedAt: clock.now(), body }
}

/** After the commit. */
function tell({ logs, onKept }: Door, news: NewEvent, isNew: boolean): void {
  if (!isNew) return
  if (news.state === 'received') onKept()
  if (news.state !== 'dead' && news.state !== 'quarantined') return
  const { operatorId, mode, eventId, state, reason } = news
  logs.error({ operatorId, mode, eventId, state, reason }, 'an inbox event needs a person')
}

/** Known by its hash, so that repeats of it stay one row. */
function unreadable(body: Uint8Array) {
  const hash = createHash('sha256').update(body).digest('hex')
  return { eventId: `evt_unreadable_${hash.slice(0, 32)}`, type: 'unreadable', apiVersion: '' }
}

/** The event is safe by now, so a failure here is logged and does not make Stripe repeat it. */
async function noteVerified({ tally }: Door, owner: OperatorOwner): Promise<void> {
  const { operatorId, mode, connectionId, endpointSecretId: secretId } = owner
  await tally.count({ scope: { operatorId, mode }, connectionId, secretId })
}

/** Never awaited by the answer: nobody can tell from its time whether this address exists. */
function noteRefusal(door: Door, { endpointToken }: Delivery): void {
  const { logs } = door
  logs.warn({ path: endpointToken === undefined ? 'shared' : 'own' }, 'a delivery was refused: invalid signature')
  if (endpointToken === undefined) return door.installationTally.refused()
  countRefusal(door, endpointToken).catch((error: unknown) => {
    logs.error({ error: String(error) }, 'a refused delivery was not noted on its connection')
  })
}

async function countRefusal({ database, tally, targets }: Door, endpointToken: string): Promise<void> {
  // Made-up tokens must not fill the memory; forgetting costs one reading more.
  if (targets.size >= mostRemembered) targets.clear()
  const known = targets.get(endpointToken) ?? listTargets(database, 'endpoint_token', endpointToken)
  targets.set(endpointToken, known)
  try {
    for (const { operatorId, mode, connectionId } of await known)
      await tally.count({ scope: { operatorId, mode }, connectionId })
  } catch (error) {
    targets.delete(endpointToken)
    throw error
  }
}
