/** The table of the known troubles, and the deeds on them. One of each can be provoked at a time. */
import { ControlRefused } from '../control-input.ts'
import type { Mode } from '../views.ts'
import { connectionFailed, wrongKeys } from './access.ts'
import { paymentsPending, secretMissing } from './endpoints.ts'
import { payoutFailed, refundTooLarge } from './money.ts'
import { directorsMissing, stuckInPending } from './onboarding.ts'
import type { Reading, Step, Trouble, TroubleParts, TroubleRecord } from './trouble.ts'

const table: readonly Trouble[] = [
  stuckInPending,
  secretMissing,
  payoutFailed,
  directorsMissing,
  refundTooLarge,
  wrongKeys,
  paymentsPending,
  connectionFailed,
]

export interface TroubleView extends Pick<Trouble, 'number' | 'name' | 'title' | 'expect' | 'aims' | 'variants'> {
  /** What only a person at Stripe can do about it; null where the integration has the remedy. */
  readonly humanLabel: string | null
  /** Null while it is not provoked. */
  readonly provoked: {
    readonly account: string
    readonly mode: Mode
    readonly variant: string
    readonly at: Date
    readonly state: readonly Reading[]
    readonly steps: readonly Step[]
    readonly kept: Readonly<Record<string, unknown>>
  } | null
}

export class Troubles {
  readonly #parts: TroubleParts

  constructor(parts: TroubleParts) {
    this.#parts = parts
  }

  list(): readonly TroubleView[] {
    this.#parts.world.runDueTimers()
    return table.map((trouble) => {
      const { number, name, title, expect, aims, variants, human } = trouble
      const record = this.#find(name)
      return {
        number,
        name,
        title,
        expect,
        aims,
        variants,
        humanLabel: human?.label ?? null,
        provoked: record === undefined ? null : this.#describe(trouble, record),
      }
    })
  }

  /** Throws ControlRefused where something is missing for it; then nothing has changed. */
  provoke(name: string, wish: { account: string; mode: Mode; variant: string | undefined }): void {
    const trouble = getTrouble(name)
    if (this.#find(name) !== undefined) throw new ControlRefused('It is provoked already. Undo it first.')
    const variant = wish.variant ?? trouble.variants[0]?.value ?? ''
    if (variant !== '' && trouble.variants.every(({ value }) => value !== variant))
      throw new ControlRefused(`variant must be one of ${trouble.variants.map(({ value }) => value).join(', ')}.`)
    const { world } = this.#parts
    if (trouble.aims === 'connected' && world.root.get('account', wish.account).hidden.connection === null)
      throw new ControlRefused('account must be one that is connected to a platform. Connect one in the product first.')
    const connected = world.root.get('account', wish.account).hidden.connection
    const aim = { account: wish.account, mode: connected?.mode ?? wish.mode, variant }
    world.transaction(() => {
      const kept = trouble.provoke(this.#parts, aim)
      world.root.insert('trouble', name, { object: { ...aim, name, at: world.nowMs(), kept }, hidden: {} })
    })
  }

  /** False when it is not provoked. */
  undo(name: string): boolean {
    return this.#change(name, (trouble, record) => trouble.undo(this.#parts, record), { forgets: true })
  }

  /** Does what only a person at Stripe can do about it. Throws ControlRefused where there is nothing of the kind. */
  actAsHuman(name: string): boolean {
    const { human } = getTrouble(name)
    if (human === undefined)
      throw new ControlRefused('Nobody has to do anything at Stripe: the remedy is in the product.')
    return this.#change(name, (_, record) => human.act(this.#parts, record), { forgets: false })
  }

  #change(
    name: string,
    work: (trouble: Trouble, record: TroubleRecord) => void,
    { forgets }: { forgets: boolean },
  ): boolean {
    const trouble = getTrouble(name)
    const record = this.#find(name)
    if (record === undefined) return false
    const { world } = this.#parts
    world.transaction(() => {
      work(trouble, record)
      if (forgets) world.root.remove('trouble', name)
    })
    return true
  }

  #find(name: string): TroubleRecord | undefined {
    return this.#parts.world.root.find('trouble', name)?.object
  }

  #describe(trouble: Trouble, record: TroubleRecord): NonNullable<TroubleView['provoked']> {
    const { account, mode, variant, at, kept } = record
    const state = trouble.read(this.#parts, record)
    return { account, mode, variant, at: new Date(at), kept, state, steps: trouble.steps?.(this.#parts, record) ?? [] }
  }
}

function getTrouble(name: string): Trouble {
  const found = table.find((trouble) => trouble.name === name)
  if (found === undefined) throw new ControlRefused(`There is no trouble called ${name}.`)
  return found
}
