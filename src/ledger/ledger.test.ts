import { expect, test } from 'vitest'
import { inScope, type ScopedHandle } from '#platform'
import { breachesOf, eachDatabase } from '#test/databases'
import { post, reverse } from './post.ts'
import { listAccountBalances, readBalance } from './store.ts'
import type { Entry } from './entry.ts'

const rent = (changes: Partial<Entry> = {}): Entry => ({
  rule: 'P1',
  cause: { kind: 'invoice', id: 'inv-1', step: 'finalised' },
  effectiveOn: '2026-07-01',
  actor: 'test',
  lines: [
    { account: 'receivable', currency: 'AUD', amountMinor: 33_000n, subjectId: 'inv-1' },
    { account: 'income.rent', currency: 'AUD', amountMinor: -30_000n, subjectId: 'inv-1:1' },
    { account: 'tax_payable', currency: 'AUD', amountMinor: -3000n, subjectId: 'inv-1' },
  ],
  ...changes,
})

eachDatabase('ledger', {}, (ground) => {
  const book = async <Result>(work: (rows: ScopedHandle) => Promise<Result>) => {
    const { scope } = await ground().makeOperator()
    return { scope, result: await inScope(ground().database, scope, work) }
  }

  test('MON-4: posting the same cause twice is the first entry, and balances move once', async () => {
    const { scope, result } = await book(async (rows) => {
      const first = await post(rows, rent())
      return {
        first,
        second: await post(rows, rent()),
        receivable: await readBalance(rows, { account: 'receivable', subjectId: 'inv-1', currency: 'AUD' }),
      }
    })
    expect(result.second).toBe(result.first)
    expect(result.receivable).toBe(33_000n)
    expect(await breachesOf(ground().database, scope)).toEqual([])
  })

  test('MON-4: the same cause with other lines is a conflict and rolls everything back', async () => {
    const { scope } = await ground().makeOperator()
    const other = rent({ lines: rent().lines.map((line) => ({ ...line, amountMinor: line.amountMinor * 2n })) })
    const both = inScope(ground().database, scope, async (rows) => {
      await post(rows, rent())
      await post(rows, other)
    })
    await expect(both).rejects.toThrow('ledger_conflict')
    expect(await inScope(ground().database, scope, listAccountBalances)).toEqual([])
  })

  test.each([
    ['does not balance', rent().lines.slice(0, 2)],
    ['fewer than two lines', rent().lines.slice(0, 1)],
    [
      'line of zero',
      [...rent().lines, { account: 'income.rent', currency: 'AUD', amountMinor: 0n, subjectId: 'x' } as const],
    ],
    [
      'more than one currency',
      [
        ...rent().lines,
        { account: 'receivable', currency: 'NZD', amountMinor: 1n, subjectId: 'x' } as const,
        { account: 'income.rent', currency: 'NZD', amountMinor: -1n, subjectId: 'x' } as const,
      ],
    ],
    ['without its invoice', rent().lines.map((line) => ({ ...line, subjectId: '' }))],
  ])('MON-3: an entry that %s is not written', async (message, lines) => {
    const { scope } = await ground().makeOperator()
    await expect(inScope(ground().database, scope, (rows) => post(rows, rent({ lines })))).rejects.toThrow(message)
  })

  test('MON-5: a correction mirrors the entry, once', async () => {
    const { scope, result } = await book(async (rows) => {
      const id = await post(rows, rent())
      await reverse(rows, {
        rule: 'P2',
        cause: { kind: 'invoice', id: 'inv-1', step: 'voided' },
        effectiveOn: '2026-07-02',
        actor: 'test',
        reversesEntryId: id,
      })
      return { id, balances: await listAccountBalances(rows) }
    })
    expect(result.balances.map(({ balanceMinor }) => balanceMinor)).toEqual([0n, 0n, 0n])
    const again = inScope(ground().database, scope, (rows) =>
      reverse(rows, {
        rule: 'P2',
        cause: { kind: 'invoice', id: 'inv-1', step: 'voided again' },
        effectiveOn: '2026-07-02',
        actor: 'test',
        reversesEntryId: result.id,
      }),
    )
    await expect(again).rejects.toThrow('ledger_entries_reversed_once')
  })

  test('TRU-1: another operator sees nothing of the book', async () => {
    await book((rows) => post(rows, rent()))
    const stranger = await ground().makeOperator()
    expect(await inScope(ground().database, stranger.scope, listAccountBalances)).toEqual([])
  })

  test('MON-2: entries and lines cannot be changed or deleted', async () => {
    const { scope } = await book((rows) => post(rows, rent()))
    for (const statement of ['update', 'delete'] as const) {
      const change = inScope(ground().database, scope, async (rows) => {
        if (statement === 'update') await rows.updateTable('app.ledger_lines').set({ amount_minor: '1' }).execute()
        else await rows.deleteFrom('app.ledger_lines').execute()
      })
      await expect(change).rejects.toThrow('permission denied')
    }
  })
})
