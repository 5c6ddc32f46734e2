import { expect, test, vi } from 'vitest'

// A comment may say vi.waitUntil, and a text expect.poll.
test('waits for a second at most', async () => {
  await vi.waitFor(() => expect('expect.poll').toBe('there'))
})
