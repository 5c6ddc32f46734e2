/**
 * When a delivery is tried again (SBX-36). Steps are counted from the instant a try was planned for, not from its answer, so
 * that an hour on the sandbox clock is an hour however slow the receiver is; only a try that came much too late (the machine
 * slept, the line was long) begins a new count, or all its retries would come at once.
 */
import { deliverySteps, deliveryTimeoutMs } from '../facts.ts'
import type { Delivery } from '../world/kinds.ts'

export type WebhookProfile = 'stripe' | 'fast'

/** Milliseconds until the next automatic try after this many; undefined when there is none. */
export function nextWaitMs(steps: keyof typeof deliverySteps, triesMade: number): number | undefined {
  const waits: readonly number[] = deliverySteps[steps]
  return waits[triesMade - 1]
}

/** The instant this try stands for, in milliseconds. */
export function plannedAt(delivery: Delivery, answeredAt: number): number {
  const planned = delivery.nextTryAt
  return planned === null || answeredAt - planned > deliveryTimeoutMs * 2 ? answeredAt : planned
}
