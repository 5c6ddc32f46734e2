/** One POST to an endpoint. Redirects are not followed: any answer but 2xx is a failed try (SBX-35). */
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'

const longestAnswer = 2048

export interface Sent {
  readonly status: number | null
  /** First 2 kB of the answer, or why there was none. */
  readonly answer: string
  readonly durationMs: number
}

export interface Message {
  readonly body: string
  readonly signature: string
  readonly timeoutMs: number
}

export class Sender {
  readonly #http = new HttpAgent({ keepAlive: true, maxSockets: 32 })
  readonly #https = new HttpsAgent({ keepAlive: true, maxSockets: 32 })

  /** Never rejects: no answer is an outcome too. */
  async post(url: string, message: Message): Promise<Sent> {
    const { isStale, ...sent } = await this.#post(url, message)
    // The receiver closed a kept connection just before it was used again: nothing was sent, so it is sent now.
    if (!isStale) return sent
    const { isStale: _, ...again } = await this.#post(url, message)
    return again
  }

  #post(url: string, message: Message): Promise<Sent & { isStale: boolean }> {
    const startedAt = performance.now()
    return new Promise((resolve) => {
      const finish = (status: number | null, answer: string, isStale = false): void =>
        resolve({
          isStale,
          status,
          answer: answer.slice(0, longestAnswer),
          durationMs: Math.round(performance.now() - startedAt),
        })
      const isSecure = url.startsWith('https:')
      const send = isSecure ? httpsRequest : httpRequest
      const headers = {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(message.body),
        'user-agent': 'Stripe/1.0 (+sandbox)',
        accept: '*/*; q=0.5, application/xml',
        'cache-control': 'no-cache',
        'stripe-signature': message.signature,
      }
      const agent = isSecure ? this.#https : this.#http
      const request = send(url, { method: 'POST', headers, agent }, (response) => {
        let answer = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          if (answer.length < longestAnswer) answer += chunk
        })
        response.on('end', () => finish(response.statusCode ?? null, answer))
        response.on('error', (error) => finish(null, error.message))
      })
      const deadline = setTimeout(
        () => request.destroy(new Error(`No answer within ${message.timeoutMs / 1000} s.`)),
        message.timeoutMs,
      )
      request.on('error', (error) =>
        finish(null, describe(error), request.reusedSocket && codeOf(error) === 'ECONNRESET'),
      )
      request.on('close', () => clearTimeout(deadline))
      request.end(message.body)
    })
  }

  close(): void {
    this.#http.destroy()
    this.#https.destroy()
  }
}

function describe(error: Error): string {
  return error.message === '' ? codeOf(error) : error.message
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : ''
}
