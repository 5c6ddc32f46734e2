/**
 * One sandbox with a platform, a connected account and two webhook endpoints, in which one trigger runs at a time: what is
 * delivered between start and end of a run belongs to that run.
 */
import Stripe from 'stripe'
import { startSandbox } from '../../../sandbox/index.ts'
import type { RunningSandbox } from '../../../sandbox/stripe/index.ts'
import { startReceiver } from '../../../sandbox/stripe/test-bench.ts'
import type { Received, Receiver } from '../../../sandbox/stripe/test-bench.ts'
import type { CommandLine } from './command-line.ts'
import type { Trigger } from './effects.ts'

export type Way = 'plain' | 'connect'

export interface Run {
  readonly trigger: Trigger
  readonly way: Way
  /** Deliveries of the named event to the endpoint that should have them, each event counted as often as it came. */
  readonly delivered: number
  /** Deliveries of the named event to the other endpoint. */
  readonly strayed: number
  /** Deliveries whose signature the SDK accepted. */
  readonly verified: number
  /** `account` of the event; null where it has none. */
  readonly account: string | null
  /** The connected account the tool was told of, or that the trigger made. */
  readonly expectedAccount: string | null
  /** Undefined when the effect is there, otherwise what is there instead. */
  readonly effect: string | undefined
  readonly output: string
}

export interface Lane {
  readonly port: number
  run(trigger: Trigger, way: Way, tool: CommandLine): Promise<Run>
  close(): Promise<void>
}

interface Endpoint {
  readonly receiver: Receiver
  readonly secret: string
}

/** A Monday morning: no business day and no payout is near. */
const startMs = Date.parse('2026-11-02T09:00:00Z')
const day = 86_400_000
/** Seconds; deliveries that waited for a turned clock are signed at their own time. */
const tolerance = 10 * 86_400

export async function openLane(): Promise<Lane> {
  const clock = { nowMs: startMs }
  const sandbox = await startSandbox({ port: 0, webhookProfile: 'fast', now: () => new Date(clock.nowMs) })
  const keys = sandbox.keys.find(({ account, mode }) => account.startsWith('Rental') && mode === 'test')
  if (keys === undefined) throw new Error('The sandbox has no platform.')
  const stripe = new Stripe(keys.secret, {
    host: '127.0.0.1',
    port: sandbox.port,
    protocol: 'http',
    telemetry: false,
    maxNetworkRetries: 0,
  })
  const own = await openEndpoint(stripe, false)
  const connected = await openEndpoint(stripe, true)
  const account = await openAccount(stripe, sandbox.url)
  const running = sandbox.stripe as RunningSandbox

  async function run(trigger: Trigger, way: Way, tool: CommandLine): Promise<Run> {
    const isConnected = way === 'connect' || trigger.makesAccount === true
    const [rightful, other] = isConnected ? [connected, own] : [own, connected]
    own.receiver.received.length = 0
    connected.receiver.received.length = 0
    const onAccount = way === 'connect' ? account : undefined
    const { output } = await tool.trigger(trigger.name, {
      url: sandbox.url,
      key: keys?.secret ?? '',
      account: onAccount,
    })
    await running.runDue()
    clock.nowMs += (trigger.afterDays ?? 0) * day
    await running.runDue()
    const deliveries = rightful.receiver.received.filter((one) => isNamed(trigger, one))
    const events = deliveries.flatMap((one) => verify(rightful, one, clock.nowMs) ?? [])
    const [event] = events
    const scope = onAccount === undefined ? {} : { stripeAccount: onAccount }
    return {
      trigger,
      way,
      delivered: deliveries.length,
      strayed: other.receiver.received.filter((one) => isNamed(trigger, one)).length,
      verified: events.length,
      account: event?.account ?? null,
      expectedAccount: trigger.makesAccount === true ? idOf(event) : (onAccount ?? null),
      effect: event === undefined ? 'the event did not come' : await lookAt(trigger, { stripe, event, scope }),
      output,
    }
  }

  return {
    port: sandbox.port,
    run,
    async close() {
      await sandbox.close()
      await own.receiver.close()
      await connected.receiver.close()
    },
  }
}

async function openEndpoint(stripe: Stripe, isConnect: boolean): Promise<Endpoint> {
  const receiver = await startReceiver()
  const endpoint = await stripe.webhookEndpoints.create({
    url: receiver.url,
    enabled_events: ['*'],
    connect: isConnect,
  })
  return { receiver, secret: endpoint.secret ?? '' }
}

/** A connected account in the country of the tool's currency, made through the API, that may do everything. */
async function openAccount(stripe: Stripe, sandbox: string): Promise<string> {
  const account = await stripe.accounts.create({
    country: 'US',
    type: 'custom',
    capabilities: {
      card_payments: { requested: true },
      sepa_debit_payments: { requested: true },
      transfers: { requested: true },
    },
  })
  const body = JSON.stringify({ script: 'complete' })
  const answer = await fetch(`${sandbox}/_sandbox/accounts/${account.id}/script`, { method: 'POST', body })
  if (!answer.ok) throw new Error(`The account could not be completed: ${await answer.text()}`)
  return account.id
}

function isNamed(trigger: Trigger, received: Received): boolean {
  const event = JSON.parse(received.body) as Stripe.Event
  return event.type === trigger.event && (trigger.means?.(event) ?? true)
}

/** The event, when the SDK accepts its signature. */
function verify(endpoint: Endpoint, received: Received, nowMs: number): Stripe.Event | undefined {
  try {
    return Stripe.webhooks.constructEvent(
      received.body,
      received.signature,
      endpoint.secret,
      tolerance,
      undefined,
      nowMs,
    )
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) return undefined
    throw error
  }
}

function idOf(event: Stripe.Event | undefined): string | null {
  return event?.account ?? null
}

async function lookAt(
  trigger: Trigger,
  seen: { stripe: Stripe; event: Stripe.Event; scope: Stripe.RequestOptions },
): Promise<string | undefined> {
  try {
    const found = await trigger.effect(seen)
    return found === true ? undefined : JSON.stringify(found)
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return `${error.code}: ${error.message}`
    throw error
  }
}
