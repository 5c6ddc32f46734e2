/**
 * A process that dies at a chosen step: before or after an answer of Stripe, before or after a commit. A dead one does nothing more, neither
 * here nor at Stripe, as after `kill -9`; what was committed and what Stripe has done stay.
 */
import type { MoneyGround } from '#payments'
import type { Database } from '#platform'

export class Death extends Error {}

export type Life = {
  /** The ground of this process. */
  readonly ground: MoneyGround
  /** What it did, a step each, such as `cancelPaymentIntent answered`. */
  readonly steps: readonly string[]
  readonly isDead: () => boolean
}

/** @param dieAt the place in `steps` at which it dies; never when it has fewer. */
export function liveUntil(money: MoneyGround, dieAt = Infinity): Life {
  const steps: string[] = []
  let isDead = false
  const assertAlive = () => {
    if (isDead) throw new Death('a dead process does nothing more')
  }
  const step = (what: string) => {
    assertAlive()
    steps.push(what)
    isDead = steps.length > dieAt
    if (isDead) throw new Death(`killed: ${what}`)
  }
  const stripe = new Proxy(money.stripe, {
    get(target, name) {
      const call: unknown = Reflect.get(target, name)
      if (typeof call !== 'function') return call
      return async (...given: unknown[]) => {
        step(`${String(name)} not sent`)
        const answer: unknown = await call.apply(target, given)
        step(`${String(name)} not answered`)
        return answer
      }
    },
  })
  const execute = async <Result>(work: (rows: never) => Promise<Result>): Promise<Result> => {
    assertAlive()
    const result = await money.database.handle.transaction().execute(async (rows) => {
      const done = await work(rows as never)
      step('not committed')
      return done
    })
    step('committed')
    return result
  }
  const handle = { transaction: () => ({ execute }) } as unknown as Database['handle']
  return { ground: { ...money, stripe, database: { ...money.database, handle } }, steps, isDead: () => isDead }
}
