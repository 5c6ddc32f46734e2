import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLogs } from '#platform'
import { soon } from '#test/soon'
import { openSandboxTime } from './sandbox-time.ts'

const hour = 3_600_000
let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rentroll-'))
  file = join(folder, 'sandbox/clock.json')
})

afterEach(() => rmSync(folder, { recursive: true }))

/** A queue that only remembers by how much it was moved. */
function queue() {
  const shifts: number[] = []
  const jobs = { shift: async (ms: number) => void shifts.push(ms) } as never
  return { ground: { jobs, logs: createLogs('silent') }, total: () => shifts.reduce((sum, ms) => sum + ms, 0) }
}

test('SBX-38: a turn moves the waiting jobs by as much as the clock', async () => {
  const time = openSandboxTime()
  const { ground, total } = queue()
  const letGo = await time.follow(ground)
  const before = time.clock.now()

  await time.port.standAt(new Date(before.getTime() + 24 * hour))
  await time.port.goOn()

  expect(time.clock.now().getTime() - before.getTime()).toBeGreaterThanOrEqual(24 * hour)
  expect(total()).toBe(time.clock.offsetMs())
  letGo()
})

test('SBX-38: the clock that stands stays in step with the queue, and is where it was when it is let go', async () => {
  const time = openSandboxTime()
  const { ground, total } = queue()
  const letGo = await time.follow(ground)

  await time.port.freeze(true)
  const stoodAt = time.clock.now().getTime()
  const wall = Date.now()
  await soon(() => expect(Date.now()).toBeGreaterThan(wall + 30))
  const frozen = [time.port.isFrozen(), time.clock.now().getTime()]
  const letGoAt = Date.now()
  await time.port.freeze(false)

  expect(frozen).toEqual([true, stoodAt])
  // It goes on from where it stood, as the wall does.
  const flowedMs = time.clock.now().getTime() - stoodAt
  expect(flowedMs).toBeLessThanOrEqual(Date.now() - letGoAt)
  expect(total()).toBe(time.clock.offsetMs())
  expect(total()).toBeLessThanOrEqual(-30)
  letGo()
})

test('SBX-38: a restart goes on in the time that was reached', async () => {
  const first = openSandboxTime(file)
  await first.port.standAt(new Date(first.clock.now().getTime() + 24 * hour))
  await first.port.goOn()
  const reached = first.clock.now().getTime()

  const second = openSandboxTime(file)

  expect(second.port.isFrozen()).toBe(false)
  expect(second.clock.now().getTime() - reached).toBeLessThan(1000)
  expect(second.clock.now().getTime()).toBeGreaterThanOrEqual(reached)
})

test('SBX-38: a frozen clock is frozen after a restart, and the queue waits for it', async () => {
  const first = openSandboxTime(file)
  await first.port.freeze(true)
  const stoodAt = first.clock.now().getTime()
  const offset = first.clock.offsetMs()
  await new Promise((resolve) => setTimeout(resolve, 20))

  const second = openSandboxTime(file)
  const { ground, total } = queue()
  const letGo = await second.follow(ground)

  expect([second.port.isFrozen(), second.clock.now().getTime()]).toEqual([true, stoodAt])
  expect(total()).toBe(second.clock.offsetMs() - offset)
  letGo()
})

test('SBX-38: time never goes back', async () => {
  const time = openSandboxTime()
  const before = time.clock.now().getTime()

  await time.port.standAt(new Date(before - hour))

  expect(time.clock.now().getTime()).toBeGreaterThanOrEqual(before)
})
