/** The plain node:http shell of the servers the product is compared with besides its peers. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Prints `listening <port>`. @param work resolves to the status. */
export function serve(work: (body: Buffer, signature: string) => Promise<number> | number): void {
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', async () => {
      const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
      const signature = incoming.headers['stripe-signature']
      const status = await Promise.resolve(work(body, typeof signature === 'string' ? signature : '')).catch(() => 500)
      outgoing.writeHead(status, { 'content-type': 'text/plain', 'content-length': 2 })
      outgoing.end(status === 200 ? 'ok' : 'no')
    })
  })
  server.keepAliveTimeout = 65_000
  server.listen(0, '127.0.0.1', () => {
    process.stdout.write(`listening ${(server.address() as AddressInfo).port}\n`)
  })
}
