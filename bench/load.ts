/** Sends a prepared load from a process of its own and says what came back. */
import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { LoadResult, LoadWish } from './load-process.ts'

export type { LoadResult, LoadWish } from './load-process.ts'

/**
 * Everything is signed before `onReady` is called, and the load begins when it has resolved, so that what is read there and after this
 * returns belongs to the load alone. @throws when any request was not answered with 200: then there is no figure (PERF-4).
 */
export async function sendLoad(wish: LoadWish, onReady: () => void | Promise<void> = () => {}): Promise<LoadResult> {
  const child = fork(join(import.meta.dirname, 'load-process.ts'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const answer = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      child.once('message', resolve)
      child.once('exit', () => reject(new Error('The load generator ended.')))
    })
  try {
    const ready = answer()
    child.send(wish)
    await ready
    await onReady()
    const answered = answer()
    child.send('go')
    const result = (await answered) as LoadResult | { readonly failure: string }
    if ('failure' in result) throw new Error(`The load failed: ${result.failure}`)
    if (result.refused.length > 0)
      throw new Error(`Not every request was answered with 200: ${result.refused.join('; ')}`)
    return result
  } finally {
    child.removeAllListeners('exit')
    if (child.connected) child.send('end')
  }
}
