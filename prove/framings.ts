/** Requests that say two things about themselves, say nothing sensible, or stop in the middle. */
import { headerOf, requestOf, type Good, type Making } from './good.ts'
import type { Random } from './random.ts'
import type { Sending } from './wire.ts'

const bytes = (...parts: readonly (string | Uint8Array)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)))

/** Start and headers of a good delivery without its length. */
function headOf({ good, random }: Making, more: readonly string[] = []): string {
  return [
    `POST ${good.path} HTTP/1.1`,
    'Host: rentroll',
    `Stripe-Signature: ${headerOf(good, random)}`,
    ...more,
    '',
  ].join('\r\n')
}

const lengthOf = ({ good }: Making): string => `Content-Length: ${good.body.length}`

/** Broken so that the server must refuse it whatever the signature says. */
const refusedFrames: readonly ((making: Making) => Buffer)[] = [
  (making) => bytes(headOf(making, [lengthOf(making), 'Transfer-Encoding: chunked']), '\r\n', making.good.body),
  (making) => bytes(headOf(making, ['Transfer-Encoding: chunked', lengthOf(making)]), '\r\n', '0\r\n\r\n'),
  (making) =>
    bytes(
      headOf(making, [lengthOf(making), `Content-Length: ${making.good.body.length + 1}`]),
      '\r\n',
      making.good.body,
    ),
  (making) => bytes(headOf(making, [`Content-Length: +${making.good.body.length}`]), '\r\n', making.good.body),
  (making) => bytes(headOf(making, ['Content-Length: -1']), '\r\n', making.good.body),
  (making) =>
    bytes(headOf(making, [`Content-Length: 0x${making.good.body.length.toString(16)}`]), '\r\n', making.good.body),
  (making) => bytes(headOf(making, ['Transfer-Encoding: chunked, identity']), '\r\n', making.good.body),
  (making) => bytes(headOf(making, ['Transfer-Encoding: chunked']), '\r\nFFFFFFFFFFFFFFFFF\r\n', making.good.body),
  (making) => bytes(headOf(making, ['Transfer-Encoding: chunked']), '\r\nzz\r\n', making.good.body),
  (making) => bytes(headOf(making, ['X-Odd : 1', lengthOf(making)]), '\r\n', making.good.body),
  (making) => bytes(headOf(making, ['X-Odd: a\0b', lengthOf(making)]), '\r\n', making.good.body),
  (making) => bytes(headOf(making, [lengthOf(making)]).replaceAll('\r\n', '\n'), '\n', making.good.body),
  (making) =>
    bytes(
      headOf(making, ['Host: elsewhere', lengthOf(making)]).replace('Host: rentroll\r\n', 'Host\r\n'),
      '\r\n',
      making.good.body,
    ),
  (making) => bytes(headOf(making, [lengthOf(making)]).replace('Host: rentroll\r\n', ''), '\r\n', making.good.body),
  (making) => bytes(headOf(making, [lengthOf(making)]).replace('HTTP/1.1', 'HTTP/1.2'), '\r\n', making.good.body),
  (making) => bytes(headOf(making, [`X-Long: ${'y'.repeat(9_000)}`, lengthOf(making)]), '\r\n', making.good.body),
  () => bytes('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  ({ random }) => Buffer.from(Array.from({ length: 40 + random.below(400) }, () => random.below(256))).fill(0x16, 0, 1),
  ({ good }) => bytes('\0\0\0\0', good.body),
]

/** It ends before it is whole, and says so. */
function stopEarly(making: Making): Sending {
  const whole = requestOf(
    making.good.path,
    [`Stripe-Signature: ${headerOf(making.good, making.random)}`],
    making.good.body,
  )
  return { bytes: whole.subarray(0, 1 + making.random.below(whole.length - 1)), isLast: true }
}

const forged = (good: Good, random: Random): Buffer =>
  requestOf(good.path, [`Stripe-Signature: t=${good.seconds},v1=${'0'.repeat(63)}${random.below(10)}`], good.body)

export const framings: readonly { name: string; weight: number; make(making: Making): Sending }[] = [
  {
    name: 'framed against the rules of HTTP',
    weight: 8,
    make: (making) => ({ bytes: making.random.pick(refusedFrames)(making), isLast: true }),
  },
  { name: 'cut off in the middle', weight: 4, make: stopEarly },
  {
    name: 'several forged ones at once',
    weight: 3,
    make({ good, random }) {
      const answers = 2 + random.below(4)
      return { bytes: Buffer.concat(Array.from({ length: answers }, () => forged(good, random))), answers }
    },
  },
  {
    name: 'a length that is too short',
    weight: 2,
    make(making) {
      const { good, random } = making
      const short = random.below(good.body.length)
      return { bytes: bytes(headOf(making, [`Content-Length: ${short}`]), '\r\n', good.body), isLast: true, answers: 2 }
    },
  },
  {
    name: 'a body that is too large, by its length',
    weight: 2,
    make: (making) => ({
      bytes: bytes(
        headOf(making, [`Content-Length: ${1_048_577 + making.random.below(1e9)}`]),
        '\r\n',
        making.good.body,
      ),
    }),
  },
  {
    name: 'asked to be told to go on',
    weight: 1,
    make: ({ good, random }) => ({
      bytes: requestOf(
        good.path,
        ['Expect: 100-continue', `Stripe-Signature: t=${good.seconds},v1=${'0'.repeat(63)}${random.below(10)}`],
        good.body,
      ),
    }),
  },
]
