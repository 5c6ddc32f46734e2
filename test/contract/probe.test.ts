/**
 * SBX-20: the capability probe. Thirty-eight steps that any stand-in for Stripe has to pass, in one go, by nothing but the official
 * SDK and the pages a person would see. The steps build on one another, so the first that fails says most.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { entry, intents } from './probe/entry-steps.ts'
import { openGround } from './probe/ground.ts'
import type { Ground } from './probe/ground.ts'
import { money } from './probe/money-steps.ts'
import { network } from './probe/network-steps.ts'

const steps = [...entry, ...intents, ...money, ...network]
let ground: Ground
let passed = 0

beforeAll(async () => {
  ground = await openGround()
})

afterAll(async () => {
  process.stdout.write(`Capability probe: ${passed}/${steps.length}\n`)
  await ground?.close()
})

describe('SBX-20: the capability probe', () => {
  test('it has thirty-eight steps', () => {
    expect(steps).toHaveLength(38)
  })

  // oxlint-disable-next-line vitest/expect-expect -- each step expects for itself
  test.each(steps)('%s', async (_, run) => {
    await run(ground)
    passed += 1
  })
})
