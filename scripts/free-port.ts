import { createServer } from 'node:net'

/** A port of 127.0.0.1 on which nobody listens now. Nobody is kept from taking it meanwhile. */
export async function findFreePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('the kernel gave no port')
  return address.port
}
