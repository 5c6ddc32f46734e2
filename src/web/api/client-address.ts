/**
 * Whose request it is (TRU-112). Whoever connects can write headers, so only what a proxy of ours says is believed: `X-Forwarded-For` is read
 * from its end, past every proxy named in `TRUSTED_PROXIES`, to the first address that is not one. What surprises: without that setting a proxy on this
 * machine makes everybody one caller, which is said in the log, once.
 */
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, isIPv6 } from 'node:net'
import type { MiddlewareHandler } from 'hono'
import type { ApiContext, PublicEnv } from './context.ts'

/** @returns an IP address, or nothing for a request that did not come over a socket. */
export type AddressReader = (request: IncomingMessage | undefined) => string

/** @param trusted addresses, or networks such as `10.0.0.0/8`. */
export function createAddressReader(trusted: readonly string[] = []): AddressReader {
  const proxies = new BlockList()
  for (const network of trusted) {
    const [ip = '', bits] = network.split('/')
    const family = isIPv6(ip) ? 'ipv6' : 'ipv4'
    if (bits === undefined) proxies.addAddress(ip, family)
    else proxies.addSubnet(ip, Number(bits), family)
  }
  const isOurs = (address: string) => isIP(address) !== 0 && proxies.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
  return (request) => {
    let address = peerOf(request)
    const way = String(request?.headers['x-forwarded-for'] ?? '').split(',')
    for (let before = way.pop(); before !== undefined && isOurs(address); before = way.pop()) {
      const named = unmapped(before.trim())
      if (isIP(named) === 0) break
      address = named
    }
    return address
  }
}

/** The address at the other end of the socket, which may be a proxy's. */
export function peerOf(request: IncomingMessage | undefined): string {
  return unmapped(request?.socket.remoteAddress ?? '')
}

/** This machine. */
export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address)
}

/** IPv4 as a socket for both kinds writes it. */
function unmapped(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}

/** For `addressOf`. */
export function noteAddress({
  trustedProxies = [],
  logs,
}: Pick<ApiContext, 'trustedProxies' | 'logs'>): MiddlewareHandler<PublicEnv> {
  const read = createAddressReader(trustedProxies)
  let isSaid = trustedProxies.length > 0
  return async (c, next) => {
    const { incoming } = (c.env ?? {}) as { incoming?: IncomingMessage }
    c.set('address', read(incoming))
    if (!isSaid && incoming?.headers['x-forwarded-for'] !== undefined && isLoopbackAddress(peerOf(incoming))) {
      isSaid = true
      logs.warn('a proxy on this machine is not named in TRUSTED_PROXIES, so everybody behind it counts as one caller')
    }
    return next()
  }
}
