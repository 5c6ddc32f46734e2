/**
 * An HTTP client that sends whatever bytes it is given, lawful or not, one request after another on one connection, and reads the
 * answers. A connection the server ended is opened again for the next request.
 */
import { createConnection, type Socket } from 'node:net'

export type Sending = {
  readonly bytes: Uint8Array
  /** How many answers belong to it; 1 when not said. */
  readonly answers?: number
  /** Nothing more comes after these bytes, and the server is told so. */
  readonly isLast?: boolean
  readonly isHead?: boolean
}

/** The statuses in order; fewer than asked for when the connection ended first. */
export type Answer = { readonly statuses: readonly number[]; readonly texts: readonly string[]; readonly ms: number }

export type Wire = { send(sending: Sending): Promise<Answer>; close(): void }

const patienceMs = 15_000

export function openWire(port: number): Wire {
  let socket: Socket | undefined
  return {
    async send(sending) {
      if (!socket || socket.destroyed || !socket.writable) socket = await open(port)
      return exchange(socket, sending)
    },
    close: () => socket?.destroy(),
  }
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true }, () => {
      socket.off('error', reject)
      socket.on('error', () => undefined)
      resolve(socket)
    })
    socket.once('error', reject)
  })
}

function exchange(socket: Socket, { bytes, answers = 1, isLast, isHead }: Sending): Promise<Answer> {
  const startedAt = performance.now()
  return new Promise((resolve) => {
    const statuses: number[] = []
    const texts: string[] = []
    let received: Buffer = Buffer.alloc(0)
    let isDone = false
    const finish = (isOver: boolean): void => {
      if (isDone) return
      isDone = true
      clearTimeout(timer)
      socket.off('data', read)
      socket.off('end', end)
      socket.off('close', end)
      if (isOver || isLast) socket.destroy()
      resolve({ statuses, texts, ms: performance.now() - startedAt })
    }
    const end = (): void => finish(true)
    const read = (chunk: Buffer): void => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
      for (;;) {
        const reply = readReply(received, isHead ?? false)
        if (!reply) return
        received = received.subarray(reply.length)
        if (reply.status < 200) continue
        statuses.push(reply.status)
        texts.push(reply.text)
        if (reply.isClosing) return finish(true)
        if (statuses.length === answers) return finish(received.length > 0)
      }
    }
    const timer = setTimeout(end, patienceMs)
    socket.on('data', read)
    socket.on('end', end)
    socket.on('close', end)
    if (isLast) socket.end(bytes)
    else socket.write(bytes)
  })
}

type Reply = { readonly status: number; readonly text: string; readonly isClosing: boolean; readonly length: number }

function readReply(bytes: Buffer, isHead: boolean): Reply | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const head = bytes.toString('latin1', 0, headEnd).toLowerCase()
  const status = Number(head.slice(9, 12))
  const isClosing = head.includes('\r\nconnection: close')
  const start = headEnd + 4
  if (isHead || status < 200 || status === 204) return { status, text: '', isClosing, length: start }
  if (head.includes('\r\ntransfer-encoding: chunked')) {
    const end = bytes.indexOf('0\r\n\r\n', start)
    return end < 0 ? undefined : { status, text: '', isClosing, length: end + 5 }
  }
  const size = Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0)
  if (bytes.length < start + size) return undefined
  return { status, text: bytes.toString('latin1', start, start + Math.min(size, 200)), isClosing, length: start + size }
}
