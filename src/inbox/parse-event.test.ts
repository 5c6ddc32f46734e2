import { expect, test } from 'vitest'
import { parseEvent } from './parse-event.ts'

const eventWith = (metadata: unknown) =>
  Buffer.from(
    JSON.stringify({
      id: 'evt_1',
      object: 'event',
      type: 'payment_intent.succeeded',
      livemode: false,
      data: { object: { id: 'pi_1', object: 'payment_intent', metadata } },
    }),
  )
const isRead = (metadata: unknown) => parseEvent(eventWith(metadata)) !== undefined

/** Lists in one another; an event, its data and its object stand around them. */
const nested = (levels: number): unknown => (levels === 0 ? 'end' : [nested(levels - 1)])

test('STR-55: an event of 32 levels is read, one of 33 is not', () => {
  expect(isRead(nested(29))).toBe(true)
  expect(isRead(nested(30))).toBe(false)
})

test('STR-55: many objects beside each other, and braces in a text, make no event deep', () => {
  expect(isRead(Array.from({ length: 500 }, (_unused, index) => ({ index })))).toBe(true)
  expect(isRead({ note: '{['.repeat(200) })).toBe(true)
})

test('PERF-7: counting what opens never changes what walking through would have said', () => {
  // Linear congruence: the same trees in every run.
  let state = 7
  const draw = (below: number) => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) % below
  const depthOf = (value: unknown): number =>
    typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0
  const grow = (levels: number): unknown => {
    if (levels === 0) return '{'.repeat(draw(40))
    return draw(2) === 0 ? [grow(levels - 1), draw(9)] : { deep: grow(levels - 1), '[': [] }
  }
  const seen = new Set<boolean>()
  for (let time = 0; time < 100_000; time += 1) {
    const tree = grow(26 + draw(6))
    const isShallow = depthOf(tree) + 3 <= 32
    seen.add(isShallow)
    expect(isRead(tree)).toBe(isShallow)
  }
  expect(seen.size).toBe(2)
})

test.each([Buffer.from([0x22, 0xff, 0x22]), Buffer.from('\uFEFF{}'), Buffer.from('{'), Buffer.from('7')])(
  'STR-55: the bytes %j are no event',
  (body) => expect(parseEvent(body)).toBeUndefined(),
)
