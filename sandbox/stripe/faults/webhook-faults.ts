/**
 * What the faults of deliveries do to one try (SBX-47): when it leaves, what it says, how it is signed, how often it is sent.
 * The deliverer asks once per try and does as the plan says; without a fault the plan is the ordinary delivery.
 */
import type { WebhookEffect } from './effects.ts'

export interface DeliveryPlan {
  /** Milliseconds of sandbox time to keep the try back; null sends it now. */
  readonly holdMs: number | null
  /** Why the try never arrives; null when it does. */
  readonly lost: string | null
  /** Version the object is shown in; null is the endpoint's own. */
  readonly version: string | null
  /** The event as an id and a pointer, as v2 destinations get it. */
  readonly isThin: boolean
  /** Account the event says it is about; null leaves it as it is. */
  readonly account: string | null
  readonly flipsLivemode: boolean
  /** Seconds added to the time of the signature. */
  readonly skewSeconds: number
  readonly secret: 'right' | 'wrong' | 'old'
  readonly spoilsSignature: boolean
  /** How many times the same try is sent at once. */
  readonly copies: number
  /** A flood: so many more a second, for so many seconds of real time. */
  readonly flood: { readonly perSecond: number; readonly seconds: number } | null
}

const ordinary: DeliveryPlan = {
  holdMs: null,
  lost: null,
  version: null,
  isThin: false,
  account: null,
  flipsLivemode: false,
  skewSeconds: 0,
  secret: 'right',
  spoilsSignature: false,
  copies: 1,
  flood: null,
}

/** Counts what is kept back by `reorder`, so that each leaves before the one kept back before it. */
export class Reordering {
  #windowEndsAt = 0
  #kept = 0

  /** Milliseconds to keep the next delivery back: to the end of the window, less one for each kept before. */
  next(windowMs: number, nowMs: number): number {
    if (nowMs >= this.#windowEndsAt) {
      this.#windowEndsAt = nowMs + windowMs
      this.#kept = 0
    }
    this.#kept += 1
    return Math.max(1, this.#windowEndsAt - nowMs - (this.#kept - 1))
  }
}

/** The settings of a plan that an ordinary delivery does not have. */
export function namesUnusual(plan: DeliveryPlan): string[] {
  const names = Object.keys(ordinary) as (keyof DeliveryPlan)[]
  return names.filter((name) => plan[name] !== ordinary[name])
}

export function planDelivery(effects: readonly WebhookEffect[], reorder: (windowMs: number) => number): DeliveryPlan {
  return effects.reduce((plan, effect) => ({ ...plan, ...changeOf(effect, plan, reorder) }), ordinary)
}

function changeOf(
  effect: WebhookEffect,
  plan: DeliveryPlan,
  reorder: (windowMs: number) => number,
): Partial<DeliveryPlan> {
  switch (effect.kind) {
    case 'drop':
      return { lost: 'Lost on the way by a fault of the sandbox.' }
    case 'outage':
      return { lost: 'connect ECONNREFUSED (an outage made by a fault of the sandbox)' }
    case 'delay':
      return { holdMs: Math.max(plan.holdMs ?? 0, effect.ms) }
    case 'reorder':
      return { holdMs: Math.max(plan.holdMs ?? 0, reorder(effect.ms)) }
    case 'duplicate':
      return { copies: plan.copies + effect.copies }
    case 'flood':
      return { flood: { perSecond: effect.per_second, seconds: effect.seconds } }
    case 'stale':
      return { skewSeconds: plan.skewSeconds - effect.seconds }
    case 'future':
      return { skewSeconds: plan.skewSeconds + effect.seconds }
    default:
      return changeOfContent(effect)
  }
}

function changeOfContent(effect: WebhookEffect): Partial<DeliveryPlan> {
  switch (effect.kind) {
    case 'bad_signature':
      return { spoilsSignature: true }
    case 'wrong_secret':
      return { secret: 'wrong' }
    case 'old_secret':
      return { secret: 'old' }
    case 'unknown_account':
      return { account: effect.account }
    case 'wrong_livemode':
      return { flipsLivemode: true }
    case 'old_shape':
      return { version: effect.version }
    case 'thin':
      return { isThin: true }
    default:
      return {}
  }
}
