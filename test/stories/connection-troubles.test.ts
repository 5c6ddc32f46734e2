/**
 * docs/connection-troubles.md is what the running product says (must show 2 of the fourth issue): each row is provoked here, its title,
 * cause and next step are taken from the answer, and the printed page is held against the committed one. `CONNECTION_TROUBLES=write` with
 * this file writes it anew.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { startProduct, type Product } from '#test/product'
import { openScene, type Chapter, type Said, type Trouble } from './trouble.ts'
import { listChapters } from './troubles.ts'

const paper = new URL('../../docs/connection-troubles.md', import.meta.url)
const committed = existsSync(paper) ? readFileSync(paper, 'utf8') : ''

// The database changes one sentence, and each run holds it to its own: one of the two is enough.
for (const kind of inject('databaseKinds').slice(0, 1)) {
  describe(`troubles of a connection (${kind})`, () => {
    let product: Product
    let chapters: readonly Chapter[]
    beforeAll(async () => {
      product = await startProduct(kind, { isPlatform: true })
      chapters = listChapters(await openScene(product, kind))
    })
    afterAll(() => product?.close())

    test('UI-59 STR-23 STR-29 to STR-39: each is said as the page has it', async () => {
      const printed: string[] = []
      for (const { title, troubles } of chapters) {
        printed.push(`## ${title}`, '', '| | when | title | cause | next step |', '|---|---|---|---|---|')
        for (const trouble of troubles) printed.push(await lineOf(trouble))
        printed.push('')
      }
      const text = `${opening}\n${printed.join('\n').trimEnd()}\n`
      const isWriting = process.env['CONNECTION_TROUBLES'] === 'write'
      if (isWriting) writeFileSync(paper, text)
      expect(text).toBe(isWriting ? text : committed)
      expect(text).not.toMatch(/please|oops|invalid|undefined|\[object/i)
    })

    /** What only the other database says is taken from the page as it is. */
    async function lineOf(trouble: Trouble): Promise<string> {
      const start = `| ${trouble.about} | ${trouble.what} |`
      if (trouble.only === undefined || trouble.only === kind)
        return `${start} ${columns(await trouble.provoke()).join(' | ')} |`
      return committed.split('\n').find((line) => line.startsWith(start)) ?? `${start} – | – | – |`
    }
  })
}

/** What belongs to one run stands as dots or by its name. */
function columns({ title, cause, next }: Said): readonly string[] {
  return [title, cause, next].map((text) =>
    text === ''
      ? '–'
      : text
          .replaceAll(/acct_(?!1Unknown)[A-Za-z0-9…]+/g, 'acct_…')
          .replaceAll(/\b\d{1,2} [A-Z][a-z]{2,3} \d{4}\b/g, '{date}')
          .replace(/(https:\/\/other\.example\/\d+)(, https:\/\/other\.example\/\d+)+/, '$1, …')
          .replaceAll('|', '\\|'),
  )
}

const opening = `# What is said when a connection goes wrong

Printed from the running product by \`CONNECTION_TROUBLES=write npx vitest run --project stories
test/stories/connection-troubles.test.ts\`; without the word the same test provokes every row again and fails when a sentence differs.
Nothing of it is written by hand.

Of Save Credentials: whatever is refused, the keys that were saved before go on working and nothing is changed (STR-22). A platform that
Stripe lets make accounts in its second API alone is no trouble: the account is made there by itself (decision 0033). A sentence of a
badge or of a row says itself what to do; where a button stands below it, its label is the next step.
`
