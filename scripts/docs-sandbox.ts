/**
 * What the Stripe sandbox believes without proof, read from its source: every constant of a `facts.ts` whose comment names no source, and
 * every sentence marked [U] anywhere else (SBX-58). The rest of docs/sandbox-differences.md is written by hand and stands above the line.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'

type Belief = { readonly place: string; readonly what: string; readonly source: string }

const line = '<!-- Printed from here on by `node scripts/docs.ts`. -->'

/** Words by which a comment names where a constant comes from. */
const sources = /\(([^()]*(?:Stripe docs|stripe types|changelog|declarations|CLI|specification)[^()]*)\)/

/** The page as it should stand. @throws when the hand-written part has lost its line. */
export function printSandboxDifferences(root: string): string {
  const written = readFileSync(join(root, 'docs/sandbox-differences.md'), 'utf8')
  const end = written.indexOf(line)
  if (end === -1) throw new Error('docs/sandbox-differences.md has lost the line under which it is printed')
  const beliefs = listFiles(join(root, 'sandbox')).flatMap((path) => read(path, relative(root, path)))
  const unverified = beliefs.filter(({ source }) => source === '')
  const known = beliefs.filter(({ source }) => source !== '')
  return [
    written.slice(0, end) + line,
    '',
    `## Unverified (${unverified.length})`,
    '',
    'Each is one constant or one sentence in one place, so that whoever knows better corrects one line.',
    '',
    '| where | what is believed |',
    '|---|---|',
    ...unverified.map(({ place, what }) => `| \`${place}\` | ${what} |`),
    '',
    `## Taken from a source (${known.length})`,
    '',
    '| where | what | source |',
    '|---|---|---|',
    ...known.map(({ place, what, source }) => `| \`${place}\` | ${what} | ${source} |`),
    '',
  ].join('\n')
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => join(folder, path))
    .toSorted()
}

function read(path: string, place: string): Belief[] {
  const text = readFileSync(path, 'utf8')
  if (/(?:^|\/)(?:[a-z-]+-)?facts\.ts$/.test(path)) return readFacts(text, place)
  return [...text.matchAll(/(?:\/\*\*?|\/\/|\|)[^\n]*\[U[^\n]*/g)].map(([comment]) => ({
    place,
    what: clean(comment),
    source: '',
  }))
}

/** The exported constants of a paragraph of the file share its comment. */
function readFacts(text: string, place: string): Belief[] {
  return text.split(/\n\n/).flatMap((paragraph) => {
    const names = [...paragraph.matchAll(/^export const (\w+)/gm)].map(([, name]) => name)
    if (names.length === 0) return []
    const comment = (/\/\*\*([\s\S]*?)\*\//.exec(paragraph)?.[1] ?? '').replaceAll(/^[ \t]*\*/gm, '')
    const [, named = ''] = sources.exec(comment) ?? []
    const what = clean(comment.replace(sources, ''))
    const source = comment.includes('[U') ? '' : clean(named)
    return [
      {
        place: `${place} ${names.join(', ')}`,
        what: what === '' ? 'No comment says more than the name.' : what,
        source,
      },
    ]
  })
}

function clean(text: string): string {
  return text
    .replaceAll(/\/\*\*?|\*\/|^\/\/|^\|/g, '')
    .replaceAll(/\[U\b[:,]?\s*([^\]]*)\]/g, (_, words: string) => (words === '' ? '' : `(${words})`))
    .replaceAll('|', '\\|')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ +([.,;:])/g, '$1')
    .trim()
}
