/**
 * Live updates (UI-26 to UI-29). One stream per browser: tabs elect a leader by Web Locks and the leader passes every message on
 * through a BroadcastChannel, because a browser allows about six connections per origin. Messages carry ids only; whoever hears
 * one reads again through the API. What surprises: a hidden tab keeps leading for a minute, then lets go.
 */
import { useEffect, useRef, useState } from 'react'

export type LiveState = 'live' | 'reconnecting' | 'polling'

type Message =
  | { readonly kind: 'changed' }
  | { readonly kind: 'state'; readonly state: LiveState }
  | { readonly kind: 'hello' }

const hiddenLeadershipMs = 60_000
const failuresWithinMs = 30_000
const failuresBeforePolling = 3
const pollEveryMs = 5_000
const retryStreamMs = 60_000
const reopenMs = 3_000
/** A burst of changes leads to one reading, not to one per message. */
const gatherMs = 200

type Stream = { readonly close: () => void }

/** Opens the stream and keeps it open; reports its state and each message. */
function holdStream(url: string, heard: () => void, tell: (state: LiveState) => void): Stream {
  let source: EventSource | undefined
  let timer: number | undefined
  let failures: number[] = []
  const open = (isAgain: boolean) => {
    source = new EventSource(url)
    source.addEventListener('open', () => {
      failures = []
      tell('live')
      if (isAgain) heard()
    })
    source.addEventListener('changed', heard)
    source.addEventListener('resync', heard)
    source.addEventListener('error', failed)
  }
  const failed = () => {
    const now = performance.now()
    failures = [...failures.filter((at) => now - at < failuresWithinMs), now]
    const isClosed = source?.readyState === EventSource.CLOSED
    if (failures.length >= failuresBeforePolling) {
      tell('polling')
      reopenIn(retryStreamMs)
    } else {
      tell('reconnecting')
      if (isClosed) reopenIn(reopenMs)
    }
  }
  const reopenIn = (ms: number) => {
    source?.close()
    window.clearTimeout(timer)
    timer = window.setTimeout(() => open(true), ms)
  }
  open(false)
  return {
    close: () => {
      window.clearTimeout(timer)
      source?.close()
    },
  }
}

/** Leads while it holds the lock; browsers without Web Locks (plain http on another machine) lead in every tab. */
function lead(name: string, onLeading: () => Stream): Stream {
  const ending = new AbortController()
  const locks: LockManager | undefined = navigator.locks
  if (locks === undefined) return onLeading()
  let letGo = () => {}
  const wanted = locks.request(name, { signal: ending.signal }, async () => {
    const stream = onLeading()
    await new Promise<void>((resolve) => {
      letGo = resolve
    })
    stream.close()
  })
  wanted.catch((error: unknown) => {
    if (!(error instanceof DOMException && error.name === 'AbortError')) throw error
  })
  return {
    close: () => {
      ending.abort()
      letGo()
    },
  }
}

/** Takes part in the election while visible, and for a minute after being hidden. */
function takePart(start: () => Stream): Stream {
  let part: Stream | undefined = start()
  let timer: number | undefined
  const onVisibility = () => {
    window.clearTimeout(timer)
    if (document.visibilityState === 'visible') {
      part ??= start()
      return
    }
    timer = window.setTimeout(() => {
      part?.close()
      part = undefined
    }, hiddenLeadershipMs)
  }
  document.addEventListener('visibilitychange', onVisibility)
  return {
    close: () => {
      document.removeEventListener('visibilitychange', onVisibility)
      window.clearTimeout(timer)
      part?.close()
    },
  }
}

function joinTabs(url: string, heard: () => void, tell: (state: LiveState) => void): Stream {
  const channel = new BroadcastChannel(`live ${url}`)
  let ledState: LiveState | undefined
  const say = (message: Message) => channel.postMessage(message)
  channel.addEventListener('message', ({ data: message }: MessageEvent<Message>) => {
    if (message.kind === 'changed') heard()
    if (message.kind === 'state') tell(message.state)
    if (message.kind === 'hello' && ledState !== undefined) say({ kind: 'state', state: ledState })
  })
  say({ kind: 'hello' })
  const part = takePart(() =>
    lead(`live ${url}`, () => {
      const stream = holdStream(
        url,
        () => {
          heard()
          say({ kind: 'changed' })
        },
        (state) => {
          ledState = state
          tell(state)
          say({ kind: 'state', state })
        },
      )
      return {
        close: () => {
          ledState = undefined
          stream.close()
        },
      }
    }),
  )
  return {
    close: () => {
      part.close()
      channel.close()
    },
  }
}

/**
 * Calls `onChange` when something changed, at most every 200 ms, and every 5 s while the stream cannot be had. Answers the state
 * for the live dot. Pass no address while signed out.
 */
export function useLiveStream(url: string | undefined, onChange: () => void): LiveState {
  const [state, setState] = useState<LiveState>('reconnecting')
  const latest = useRef(onChange)
  useEffect(() => {
    latest.current = onChange
  })
  useEffect(() => {
    if (url === undefined) return undefined
    let gathering: number | undefined
    const heard = () => {
      gathering ??= window.setTimeout(() => {
        gathering = undefined
        latest.current()
      }, gatherMs)
    }
    const tabs = joinTabs(url, heard, setState)
    return () => {
      window.clearTimeout(gathering)
      tabs.close()
    }
  }, [url])
  useEffect(() => {
    if (state !== 'polling') return undefined
    const timer = window.setInterval(() => latest.current(), pollEveryMs)
    return () => window.clearInterval(timer)
  }, [state])
  return state
}
