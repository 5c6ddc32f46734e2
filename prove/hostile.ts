/**
 * Requests nobody may take for Stripe's: good deliveries with a byte changed, signed by others, from another time, framed against the
 * rules of HTTP, sent to the wrong address or the wrong way. Each starts from a delivery that would have been accepted.
 */
import { chunkedRequestOf, headerOf, hex64, requestOf, sharedPath, sign, type Good, type Making } from './good.ts'
import { framings } from './framings.ts'
import type { Random } from './random.ts'
import type { Sending } from './wire.ts'

type Hostile = Sending & { readonly name: string }

/** How the next hostile request is made, and how often such a one is drawn. */
type Kind = { readonly name: string; readonly weight: number; make(making: Making): Sending }

export function makeHostile(making: Making): Hostile {
  let turn = making.random.below(totalWeight)
  const kind = kinds.find(({ weight }) => (turn -= weight) < 0)!
  return { name: kind.name, ...kind.make(making) }
}

const signed = (good: Good, header: string | undefined, body: Uint8Array = good.body): Sending => ({
  bytes: requestOf(good.path, header === undefined ? [] : [`Stripe-Signature: ${header}`], body),
})
const plainHeader = ({ seconds, signature }: Good): string => `t=${seconds},v1=${signature}`
const withKey = (good: Good, key: string): Sending =>
  signed(good, `t=${good.seconds},v1=${sign(key, good.seconds, good.body)}`)

/** Another byte than the one before; never one that ends the line, nor a space at an end, which HTTP itself takes away. */
function strangeByte(random: Random, before = ''): string {
  for (;;) {
    const byte = String.fromCharCode(0x21 + random.below(0xff - 0x21))
    if (byte !== before && byte !== '\x7f') return byte
  }
}

const headerKinds: readonly Kind[] = [
  {
    name: 'one byte of the header changed',
    weight: 14,
    make({ good, random }) {
      const header = plainHeader(good)
      const at = random.below(header.length)
      return signed(good, header.slice(0, at) + strangeByte(random, header[at]) + header.slice(at + 1))
    },
  },
  {
    name: 'one byte added to the header',
    weight: 8,
    make({ good, random }) {
      const header = plainHeader(good)
      const at = random.below(header.length + 1)
      return signed(good, header.slice(0, at) + strangeByte(random) + header.slice(at))
    },
  },
  {
    name: 'one byte of the header left out',
    weight: 6,
    make({ good, random }) {
      const header = plainHeader(good)
      const at = random.below(header.length)
      return signed(good, header.slice(0, at) + header.slice(at + 1))
    },
  },
  {
    name: 'a header cut short',
    weight: 4,
    make: ({ good, random }) => signed(good, plainHeader(good).slice(0, random.below(plainHeader(good).length))),
  },
  {
    name: 'a header outside the grammar',
    weight: 10,
    make: ({ good, random }) => signed(good, random.pick(outsideGrammar)(good, random)),
  },
  {
    name: 'the header twice',
    weight: 3,
    make({ good, random }) {
      const header = `Stripe-Signature: ${headerOf(good, random)}`
      return { bytes: requestOf(good.path, [header, header], good.body) }
    },
  },
  {
    name: 'a header of more than 4096 bytes',
    weight: 2,
    make: ({ good, random }) => signed(good, `${plainHeader(good)},v0=${'a'.repeat(4_096 + random.below(6_000))}`),
  },
  {
    name: 'names that objects have by birth',
    weight: 2,
    make({ good, random }) {
      const name = random.pick(['__proto__', 'constructor', 'prototype', 'tostring', 'hasownproperty'])
      const header = random.pick([
        `${name}=${good.seconds},v1=${good.signature}`,
        `t=${good.seconds},${name}=${good.signature}`,
      ])
      return signed(good, header)
    },
  },
]

const outsideGrammar: readonly ((good: Good, random: Random) => string | undefined)[] = [
  () => undefined,
  () => '',
  ({ seconds }) => `t=${seconds}`,
  ({ seconds, signature }) => `t=${seconds},v0=${signature}`,
  ({ signature }) => `v1=${signature}`,
  ({ seconds }) => `t=${seconds},v1=`,
  ({ seconds }) => `t=${seconds},v1=${'\xe9'.repeat(64)}`,
  ({ seconds, signature }) => `t=${seconds},v1=${signature.toUpperCase()}`,
  ({ seconds, signature }) => `t=${seconds}, v1=${signature}`,
  ({ seconds, signature }) => `t=${seconds},\tv1=${signature}`,
  ({ seconds, signature }) => `t=${seconds},t=${seconds},v1=${signature}`,
  ({ secret, body }) => `t=abc,v1=${sign(secret, 'abc', body)}`,
  ({ secret, body }) => `t=-1,v1=${sign(secret, '-1', body)}`,
  ({ secret, body }) => `t=,v1=${sign(secret, '', body)}`,
  ({ secret, seconds, body }) => `t=000${seconds},v1=${sign(secret, `000${seconds}`, body)}`,
  ({ secret, seconds, body }) => `t=${seconds}.0,v1=${sign(secret, `${seconds}.0`, body)}`,
  ({ secret, seconds, body }) => `t=0x${seconds.toString(16)},v1=${sign(secret, `0x${seconds.toString(16)}`, body)}`,
  ({ seconds, signature }) => `t=${seconds},v1=${signature},nothing`,
  ({ seconds, signature }) => `t=${seconds},v1=${signature},`,
  ({ seconds, signature }) => `t=${seconds};v1=${signature}`,
  ({ seconds, signature }, random) =>
    `t=${seconds},${Array.from({ length: 8 }, () => `v1=${hex64(random)}`).join(',')},v1=${signature}`,
]

const signerKinds: readonly Kind[] = [
  {
    name: 'signed with a made-up secret',
    weight: 8,
    make: ({ good, random }) => withKey(good, `whsec_${hex64(random)}`),
  },
  {
    name: 'signed with less or more than the secret',
    weight: 6,
    make({ good, random }) {
      const { secret } = good
      const bare = secret.slice('whsec_'.length)
      return withKey(
        good,
        random.pick(['', ' ', 'whsec_', bare, `${secret}\n`, ` ${secret}`, secret.toLowerCase(), 'undefined']),
      )
    },
  },
  {
    name: 'signed for another address',
    weight: 6,
    make({ good, target, random }) {
      const { platform, connect } = target.secrets
      return withKey({ ...good, path: target.ownPath }, random.pick([platform, connect]))
    },
  },
  {
    name: 'signed out of its time',
    weight: 8,
    make({ good, target, random }) {
      const now = target.now()
      const off = 310 + random.below(random.pick([10, 3_600, 86_400, 31_536_000, 900_000_000]))
      const seconds = random.isHit(0.5) ? now - off : now + off
      return signed(good, `t=${seconds},v1=${sign(good.secret, seconds, good.body)}`)
    },
  },
  {
    name: 'another time than was signed',
    weight: 3,
    make: ({ good, random }) => signed(good, `t=${good.seconds + 1 + random.below(20)},v1=${good.signature}`),
  },
]

const bodyKinds: readonly Kind[] = [
  {
    name: 'one byte of the body changed',
    weight: 14,
    make({ good, random }) {
      const body = Buffer.from(good.body)
      const at = random.below(body.length)
      body[at] = (body[at]! + 1 + random.below(255)) % 256
      return signed(good, headerOf(good, random), body)
    },
  },
  {
    name: 'a body with something in front of it or behind it',
    weight: 8,
    make({ good, random }) {
      const more = random.pick([[0xef, 0xbb, 0xbf], [0], [0xff, 0xfe], [0x0a], [0x20], [0xc3, 0x28], [0x7b, 0x7d]])
      const parts = random.isHit(0.5) ? [Buffer.from(more), good.body] : [good.body, Buffer.from(more)]
      return signed(good, headerOf(good, random), Buffer.concat(parts))
    },
  },
  {
    name: 'a body cut short',
    weight: 5,
    make: ({ good, random }) =>
      signed(good, headerOf(good, random), good.body.subarray(0, random.below(good.body.length))),
  },
  {
    name: 'a body serialised anew, or another altogether',
    weight: 5,
    make({ good, random }) {
      const other = random.pick([
        '{"__proto__":{"isVerified":true},"id":"evt_1","object":"event"}',
        `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
        `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
        `{"id":"evt_1","object":"event","amount":1e999,"type":"${'x'.repeat(2_000)}"}`,
        '\u0000\ud800',
        '{"id":"evt_1","id":"evt_2","object":"event","type":"payment_intent.succeeded","livemode":false}',
      ])
      return signed(good, headerOf(good, random), Buffer.from(other))
    },
  },
]

const addressKinds: readonly Kind[] = [
  {
    name: 'an address nobody has',
    weight: 6,
    make({ good, target, random }) {
      const token = target.ownPath.split('/').at(-1)!
      const path = random.pick([
        () => `${sharedPath}/${hex64(random).slice(0, 43)}`,
        () => `${sharedPath}/${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`,
        () => `${sharedPath}/${token}x`,
        () => `${sharedPath}/${token}/${token}`,
        () => `${sharedPath}/%00`,
        () => `${sharedPath}/${'a'.repeat(3_000)}`,
        () => `${sharedPath}/__proto__`,
        () => `${sharedPath}/..%2f..%2fetc`,
        () => `/API/stripe/webhook`,
        () => `/api/v1/stripe/webhook`,
        () => `/api/stripe//webhook`,
      ])()
      return signed({ ...good, path }, headerOf(good, random))
    },
  },
  {
    name: 'another method',
    weight: 5,
    make({ good, random }) {
      const method = random.pick(['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'BREW', 'post'])
      const { bytes } = signed(good, headerOf(good, random))
      return { bytes: Buffer.concat([Buffer.from(method), bytes.subarray(4)]), isHead: method === 'HEAD' }
    },
  },
  {
    name: 'an encoded body',
    weight: 4,
    make({ good, random }) {
      const encoding = random.pick(['gzip', 'br', 'deflate', 'compress', 'x-gzip', 'gzip, identity', '*'])
      const headers = [`Stripe-Signature: ${headerOf(good, random)}`, `Content-Encoding: ${encoding}`]
      return { bytes: requestOf(good.path, headers, good.body) }
    },
  },
  {
    name: 'a forged body in chunks',
    weight: 5,
    make({ good, random }) {
      const at = random.below(good.body.length)
      const parts = [good.body.subarray(0, at), good.body.subarray(at), Buffer.from('.')]
      return { bytes: chunkedRequestOf(good.path, [`Stripe-Signature: ${headerOf(good, random)}`], parts) }
    },
  },
]

const kinds: readonly Kind[] = [...headerKinds, ...signerKinds, ...bodyKinds, ...addressKinds, ...framings]
const totalWeight = kinds.reduce((sum, { weight }) => sum + weight, 0)
