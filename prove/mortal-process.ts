/**
 * A process of the product that is killed without warning and started again at once, as a supervisor would. An end
 * nobody asked for is told.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'

export type MortalWish = {
  readonly name: string
  /** Below the product's folder, such as `src/main.ts`. */
  readonly file: string
  readonly environment: Readonly<Record<string, string>>
  /** Without a `.env`. */
  readonly folder: string
  /** What it prints when it can be used. */
  readonly ready: string
}

export type Mortal = {
  kills(): number
  /** Ends by itself, with the last words. */
  readonly faults: readonly string[]
  isReady(): boolean
  waitUntilReady(): Promise<void>
  /** `kill -9`, and a new process at once. Resolves when the old one is dead, with the instant of its death. */
  kill(): Promise<number>
  stop(): Promise<void>
}

type Life = { readonly child: ChildProcess; readonly dead: Promise<void>; said: string; upAt?: number; downAt?: number }

const readyWithinMs = 60_000

export function startMortal(wish: MortalWish): Mortal {
  const lives: Life[] = []
  const faults: string[] = []
  let kills = 0
  let isMeant = false
  const begin = (): void => void lives.push(beginLife(wish, onEnd))
  const onEnd = (life: Life): void => {
    if (isMeant) return
    faults.push(`${wish.name} ended by itself: ${life.said.trim().slice(-600)}`)
    if (faults.length < 5) begin()
  }
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<number> => {
    const life = lives.at(-1)!
    isMeant = true
    life.child.kill(signal)
    await life.dead
    isMeant = false
    return life.downAt!
  }
  const isReady = (): boolean => {
    const life = lives.at(-1)!
    return life.upAt !== undefined && life.downAt === undefined
  }
  begin()
  const die = (): void => void lives.at(-1)?.child.kill('SIGKILL')
  process.once('exit', die)
  return {
    kills: () => kills,
    faults,
    isReady,
    async waitUntilReady() {
      for (const giveUpAt = performance.now() + readyWithinMs; !isReady();) {
        if (performance.now() > giveUpAt)
          throw new Error(`${wish.name} is not ready: ${lives.at(-1)?.said.slice(-1_000)}`)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
    async kill() {
      kills += 1
      const at = await end('SIGKILL')
      begin()
      return at
    },
    async stop() {
      await end('SIGTERM')
      process.off('exit', die)
    },
  }
}

function beginLife({ file, environment, folder, ready }: MortalWish, onEnd: (life: Life) => void): Life {
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', file)], {
    cwd: folder,
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const dead = new Promise<void>((resolve) => {
    child.once('exit', () => {
      life.downAt = performance.now()
      onEnd(life)
      resolve()
    })
  })
  const life: Life = { child, dead, said: '' }
  const hear = (chunk: Buffer): void => {
    life.said = `${life.said}${chunk.toString('utf8')}`.slice(-8_000)
    if (life.upAt === undefined && life.said.includes(ready)) life.upAt = performance.now()
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  return life
}
