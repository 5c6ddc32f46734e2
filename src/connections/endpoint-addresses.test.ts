import { describe, expect, test } from 'vitest'
import { isPublicAddress } from './endpoints.ts'

describe('UI-127 addresses Stripe can deliver to', () => {
  const drawing = `
https://rentroll.example.org yes
https://desks.example yes
http://desks.example no
https://localhost:3000 no
https://127.0.0.1 no
https://10.1.2.3 no
https://192.168.1.4 no
https://172.20.0.1 no
https://172.32.0.1 yes
https://printer.local no
https://intranet no
https://[::1] no
`
  test('are public and https', () => {
    const drawn = drawing.trim().split('\n')
    expect(
      drawn.map((line) => `${line.split(' ')[0]} ${isPublicAddress(line.split(' ')[0] ?? '') ? 'yes' : 'no'}`),
    ).toEqual(drawn)
  })
})
