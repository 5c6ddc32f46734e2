/**
 * Loaded into every test process and, through NODE_OPTIONS, into every Node process a test starts: a connection or a
 * name look-up that would leave this machine fails and names its address. Plain JavaScript, so that any Node reads it.
 */
import dns from 'node:dns'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import net from 'node:net'

const isGuarded = Symbol.for('rentroll.loopback-only')
const lookups = ['lookup', 'resolve', 'resolve4', 'resolve6', 'resolveAny', 'resolveCname', 'resolveMx', 'resolveTxt']

function isLoopback(host) {
  const name = String(host)
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/^::ffff:/, '')
  if (net.isIPv4(name)) return name.startsWith('127.')
  return name === '::1' || name === 'localhost' || name.endsWith('.localhost')
}

function refuse(address) {
  throw new Error(`Tests reach only this machine, and this one asked for ${address}.`)
}

function readTarget(given) {
  // net.connect hands over one array it has already put in order; callers may give options, a path, or port and host.
  const [first, second] = Array.isArray(given[0]) ? given[0] : given
  if (typeof first === 'object' && first !== null) return first
  if (typeof first === 'string' && Number.isNaN(Number(first))) return { path: first }
  return { port: first, host: typeof second === 'string' ? second : undefined }
}

function guard() {
  const connect = net.Socket.prototype.connect
  net.Socket.prototype.connect = function connectToLoopback(...given) {
    const { host, port, path } = readTarget(given)
    const isLocal = typeof path === 'string' || host === undefined || host === null || isLoopback(host)
    return isLocal ? connect.apply(this, given) : refuse(`${host}:${port}`)
  }
  for (const owner of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype]) {
    for (const name of lookups.filter((candidate) => typeof owner[candidate] === 'function')) {
      const original = owner[name]
      owner[name] = function lookUpLoopback(host, ...rest) {
        return net.isIP(host) || isLoopback(host) ? original.call(this, host, ...rest) : refuse(host)
      }
    }
  }
  syncBuiltinESMExports()
}

if (!globalThis[isGuarded]) {
  globalThis[isGuarded] = true
  // A data packet leaves without a connection; no test of ours needs one.
  createRequire(import.meta.url)('node:dgram').Socket.prototype.send = () => refuse('a datagram address')
  guard()
  const flag = `--import=${import.meta.url}`
  const present = process.env.NODE_OPTIONS ?? ''
  if (!present.includes(flag)) process.env.NODE_OPTIONS = `${present} ${flag}`.trim()
}
