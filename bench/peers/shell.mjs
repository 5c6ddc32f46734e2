/**
 * The plain node:http shell around a peer's own `processWebhook(rawBody, signature)`: its best case (PERF-17). Nothing is logged, nothing
 * is parsed twice, and the answer goes out when the peer says it is done.
 */
import { createServer } from 'node:http'

/** Prints `listening <port>` once it answers. @param processWebhook resolves when the delivery is stored. */
export function serve(processWebhook) {
  // A peer warns of every row it leaves as it is; printing that would cost it time.
  Object.assign(console, { warn: () => {} })
  const server = createServer((incoming, outgoing) => {
    const chunks = []
    incoming.on('data', (chunk) => chunks.push(chunk))
    incoming.on('end', () => {
      const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
      processWebhook(body, incoming.headers['stripe-signature']).then(
        () => answer(outgoing, 200, 'ok'),
        (error) => answer(outgoing, 400, String(error?.message ?? error).slice(0, 300)),
      )
    })
  })
  server.keepAliveTimeout = 65_000
  server.listen(0, '127.0.0.1', () => process.stdout.write(`listening ${server.address().port}\n`))
}

function answer(outgoing, status, text) {
  outgoing.writeHead(status, { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(text) })
  outgoing.end(text)
}
