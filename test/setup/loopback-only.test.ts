import { execFile } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import https from 'node:https'
import net from 'node:net'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const sentence = (address: string): string => `Tests reach only this machine, and this one asked for ${address}.`

test('STK-39 a connection to another machine fails and names its address', () => {
  expect(() => net.connect(443, '203.0.113.7')).toThrow(sentence('203.0.113.7:443'))
  expect(() => net.connect({ host: 'example.com', port: 80 })).toThrow(sentence('example.com:80'))
  expect(() => https.get('https://example.com/')).toThrow(sentence('example.com:443'))
  expect(() => lookup('example.com')).toThrow(sentence('example.com'))
})

test('STK-39 fetch fails with the address as its cause', async () => {
  await expect(fetch('https://example.com/')).rejects.toMatchObject({
    cause: { message: sentence('example.com:443') },
  })
})

test('STK-39 a process started by a test is guarded as well', async () => {
  const script = 'fetch("http://example.com/").catch((fault) => console.log(fault.cause.message))'

  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script])

  expect(stdout.trim()).toBe(sentence('example.com:80'))
})

test.each(['127.0.0.1', 'localhost', undefined])('STK-39 a server of our own answers at %s', async (host) => {
  const server = net.createServer((socket) => socket.end('hello'))
  await new Promise<void>((resolve) => server.listen(0, resolve))
  const { port } = server.address() as net.AddressInfo
  const chunks: Buffer[] = []

  const socket = net.connect(host === undefined ? { port } : { port, host })
  for await (const chunk of socket) chunks.push(chunk)

  expect(Buffer.concat(chunks).toString()).toBe('hello')
  server.close()
})
