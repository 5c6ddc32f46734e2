/** The committed papers are what the source prints; after a change of a setting or a state run `node scripts/docs.ts`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { expectations } from '../test/architecture/map.ts'
import { drawStates } from './docs-states.ts'
import { printPapers } from './docs.ts'

const papers = printPapers()

test.each(papers)('STK-70: $path is what the source prints', ({ path, text }) => {
  const committed = readFileSync(join(import.meta.dirname, '..', path), 'utf8')

  expect(committed, `${path} is out of date. Run: node scripts/docs.ts`).toBe(text)
})

test('ARC-36: every state that the database knows has its drawing', () => {
  const modules = papers.find(({ path }) => path === 'docs/modules.md')?.text ?? ''

  expect(expectations.statePairs.length).toBeGreaterThan(0)
  expect(modules.split('### States of: ').length - 1).toBe(expectations.statePairs.length)
  expect(modules).toContain('  succeeded --> failed : news')
})

const door = {
  doorStates: ['shut', 'open', 'broken'],
  mayMove: (from: string, to: string) => `${from} ${to}` === 'shut open' || `${from} ${to}` === 'open shut',
  judge: (from: string, to: string) => (from !== 'broken' && to === 'broken' ? 'move' : 'late'),
}

test('what we may do and what news may do are told apart, and where nothing leads on is an end', () => {
  const drawing = drawStates({ list: 'doorStates', machine: door, source: "  'open', // anybody may enter\n" })

  expect(drawing).toBe(`\`\`\`mermaid
stateDiagram-v2
  [*] --> shut
  shut --> open
  shut --> broken : news
  open --> shut
  open --> broken : news
  broken --> [*]
\`\`\`

| state | meaning |
|---|---|
| \`open\` | anybody may enter |
`)
})

test('a file that offers no list of states is refused', () => {
  expect(() => drawStates({ list: 'gateStates', machine: door, source: '' })).toThrow('gateStates')
})

test('PERF-94: npm start sets the flags of Node that every unit file of the guide to production has', () => {
  const read = (path: string) => readFileSync(join(import.meta.dirname, '..', path), 'utf8')
  const inGuide = read('docs/operations/production.md').matchAll(/ExecStart=\S+\/node (.*?) ?src\/\w+\.ts/g)
  const [, atStart] = /start: .*command: \['(.*)', 'src\/main\.ts'\]/.exec(read('scripts/bootstrap.mjs')) ?? []

  expect(atStart).toMatch(/^--/)
  expect([...inGuide].map(([, flags]) => flags)).toEqual([atStart, atStart])
})
