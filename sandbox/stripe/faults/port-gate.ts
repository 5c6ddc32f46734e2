/**
 * The fault `refuse`: the sandbox's own port is closed, so that callers are refused as if nothing ran here. The console and
 * the control API are behind the same port; therefore it opens again by itself after `ms` of real time, whatever the
 * sandbox clock does.
 */
import type { Faults } from './faults.ts'

export class PortGate {
  readonly #faults: Faults
  readonly #closedSince = new Map<string, number>()
  /** Set once the listener listens. */
  setOpen: (isOpen: boolean) => void = () => undefined
  #soon: NodeJS.Timeout | undefined

  constructor(faults: Faults) {
    this.#faults = faults
    // The answer to the call that arms the fault leaves first.
    faults.onChange = () => {
      this.#soon ??= setTimeout(() => this.look(), 20).unref()
    }
  }

  /** Closes or opens the port as the armed faults ask; called from time to time. */
  look(): void {
    this.#soon = undefined
    for (const { id, effect } of this.#faults.list()) {
      if (effect.kind !== 'refuse') continue
      const since = this.#closedSince.get(id) ?? performance.now()
      this.#closedSince.set(id, since)
      if (performance.now() - since >= effect.ms) this.#faults.clear(id)
    }
    const isRefusing = this.#faults.list().some(({ effect }) => effect.kind === 'refuse')
    if (!isRefusing) this.#closedSince.clear()
    this.setOpen(!isRefusing)
  }

  close(): void {
    clearTimeout(this.#soon)
  }
}
