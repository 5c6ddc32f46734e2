import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DEFAULT_THEME } from '@mantine/core'
import { describe, expect, it } from 'vitest'
import { tones, variables } from './theme.ts'

const schemes = variables(DEFAULT_THEME)

function channel(value: number): number {
  const share = value / 255
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => channel(Number.parseInt(hex.slice(at, at + 2), 16)))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string | undefined, other: string | undefined): number {
  const [low = 0, high = 0] = [luminance(one ?? ''), luminance(other ?? '')].toSorted((a, b) => a - b)
  return (high + 0.05) / (low + 0.05)
}

function listFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

describe.each(['light', 'dark'] as const)('the %s colours', (scheme) => {
  const colours = schemes[scheme]
  const pairs = [
    ['--rr-text', '--rr-bg', 4.5],
    ['--rr-text', '--rr-sunk', 4.5],
    ['--rr-muted', '--rr-bg', 4.5],
    ['--rr-muted', '--rr-sunk', 4.5],
    ['--rr-muted', '--rr-raised', 4.5],
    ['--rr-primary', '--rr-bg', 4.5],
    ['--rr-primary', '--rr-primary-soft', 4.5],
    ['--rr-on-primary', '--rr-primary', 4.5],
    ['--rr-on-danger', '--rr-danger', 4.5],
    ['--rr-danger', '--rr-raised', 4.5],
    ['--rr-focus', '--rr-bg', 3],
    ['--rr-control', '--rr-bg', 3],
    ['--rr-control', '--rr-sunk', 3],
  ] as const

  it.each(pairs)('UI-50 %s on %s is at least %d to 1', (one, other, least) => {
    expect(contrast(colours[one], colours[other])).toBeGreaterThanOrEqual(least)
  })

  it.each(tones)('UI-56 a %s badge is at least 6.4 to 1', (tone) => {
    expect(contrast(colours[`--rr-${tone}-fg`], colours[`--rr-${tone}-bg`])).toBeGreaterThanOrEqual(6.4)
  })
})

describe('colours elsewhere', () => {
  const root = join(import.meta.dirname, '..')
  const files = listFiles(root).filter((file) => /\.(tsx?|css)$/.test(file) && !/theme(\.test)?\.ts$/.test(file))

  it('UI-50 no colour is written outside theme.ts', () => {
    const written = /#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(/i
    const breaches = files.filter((file) => written.test(readFileSync(file, 'utf8')))
    expect(files.length).toBeGreaterThan(50)
    expect(breaches).toEqual([])
  })
})
