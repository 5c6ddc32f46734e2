import { expect, test } from 'vitest'
import { agoText } from './connection-report.ts'

test('UI-55: the age of the last delivery is told as people say it', () => {
  const minute = 60_000
  const ages = [
    -5,
    0,
    minute - 1,
    minute,
    59 * minute,
    60 * minute,
    47 * 60 * minute,
    48 * 60 * minute,
    400 * 1440 * minute,
  ]
  expect(ages.map(agoText)).toEqual([
    'less than a minute ago',
    'less than a minute ago',
    'less than a minute ago',
    '1 minute ago',
    '59 minutes ago',
    '1 hour ago',
    '47 hours ago',
    '2 days ago',
    '400 days ago',
  ])
})
