import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { inboxStates, mayMove, stateWords } from './inbox-state.ts'

// Read across: the event stands in the row and may go to the column.
const drawing = `
now               received processing done retry parked dead ignored_unhandled ignored_foreign ignored_mode quarantined
received          -        yes        -    -     -      yes  yes               yes             yes          yes
processing        -        yes        yes  yes   yes    yes  yes               yes             -            yes
done              yes      -          -    -     -      -    -                 -               -            -
retry             yes      yes        -    -     -      yes  -                 -               -            -
parked            yes      yes        -    -     -      yes  -                 -               -            -
dead              yes      -          -    -     -      -    -                 -               -            -
ignored_unhandled yes      -          -    -     -      -    -                 -               -            -
ignored_foreign   yes      -          -    -     -      -    -                 -               -            -
ignored_mode      yes      -          -    -     -      -    -                 -               -            -
quarantined       yes      -          -    -     -      -    -                 -               -            -
`

test('STR-64: the drawing is the whole truth', () => {
  const judged = inboxStates.map((now) => [now, ...inboxStates.map((next) => (mayMove(now, next) ? 'yes' : '-'))])
  const drawn = drawing.trim().split('\n')
  expect([['now', ...inboxStates], ...judged]).toEqual(drawn.map((line) => line.split(/ +/)))
})

test('ARC-36: the schema knows the same states', () => {
  const migration = readFileSync(new URL('../../migrations/0009-inbox.sql', import.meta.url), 'utf8')
  const list = /inbox_events_state_known check \(state in \(([^)]*)\)/.exec(migration)?.[1] ?? ''
  expect(list.split(', ').map((quoted) => quoted.slice(1, -1))).toEqual([...inboxStates])
})

test('every state has its own words', () => {
  expect(new Set(inboxStates.map(stateWords)).size).toBe(inboxStates.length)
})
