/**
 * How long what a killed worker had in hand lay there: from its death until the first and the last of its objects were finished by
 * another (STR-119). An object is finished when its row is gone or nobody holds it any more. Where the one that took it up was killed
 * with it, its time is counted anew from there.
 */
import type pg from 'pg'

export type TakeOver = {
  readonly killedAt: number
  readonly held: number
  firstAt?: number
  lastAt?: number
  /** How many objects died with somebody else as well. */
  handedOn: number
}

type Watch = TakeOver & { readonly open: Map<string, string> }

export type TakeOvers = {
  readonly seen: readonly TakeOver[]
  /** To be called at once, before another worker can hold anything. */
  note(killedAt: number): Promise<void>
  stop(): Promise<void>
}

const lookEveryMs = 150

export function watchTakeOvers(client: pg.Client): TakeOvers {
  const seen: Watch[] = []
  const read = async (): Promise<ReadonlyMap<string, string>> => {
    const { rows } = await client.query<{ key: string; claim: string }>(
      `select object_kind || ' ' || object_id as key, claim from app.inbox_objects where claim is not null`,
    )
    return new Map(rows.map(({ key, claim }) => [key, claim]))
  }
  const watching = { isOver: false }
  const looking = (async () => {
    while (!watching.isOver) {
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
      if (seen.some(({ open }) => open.size > 0)) look(seen, await read())
    }
  })()
  return {
    seen,
    async note(killedAt) {
      const open = new Map(await read())
      for (const earlier of seen)
        for (const [key, claim] of earlier.open) {
          const now = open.get(key)
          // Nobody has taken it up yet, so this one did not hold it.
          if (now === claim) open.delete(key)
          else if (now !== undefined) {
            earlier.open.delete(key)
            earlier.handedOn += 1
          }
        }
      seen.push({ killedAt, held: open.size, handedOn: 0, open })
    },
    async stop() {
      watching.isOver = true
      await looking
    },
  }
}

function look(seen: readonly Watch[], held: ReadonlyMap<string, string>): void {
  const now = performance.now()
  for (const watch of seen)
    for (const key of watch.open.keys()) {
      if (held.has(key)) continue
      watch.open.delete(key)
      watch.firstAt ??= now
      watch.lastAt = now
    }
}
