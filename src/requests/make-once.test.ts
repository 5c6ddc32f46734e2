import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { done, refused, type Uuid } from '#kernel'
import { inScope, newId, type ScopedHandle } from '#platform'
import { eachDatabase, type TestOperator } from '#test/databases'
import { codeOf, valueOf } from '#test/rental'
import { makeOnce } from './make-once.ts'

const day = 24 * 3_600_000

eachDatabase('what is made for the key of a form', {}, (ground) => {
  /** Counts how often something is really made. */
  const workshop = async (operator?: TestOperator) => {
    const { scope } = operator ?? (await ground().makeOperator())
    const made: Uuid[] = []
    const make = async (rows: ScopedHandle) => {
      made.push(newId(rows.clock))
      return done({ id: made.at(-1) ?? '' })
    }
    const send = (request: { key?: string; operation?: string; wish?: object }, mode = scope.mode) =>
      inScope(ground().database, { ...scope, mode }, (rows) =>
        makeOnce(rows, { operation: 'thing', key: undefined, wish: {}, ...request }, () => make(rows)),
      )
    return { scope, made, send }
  }

  test('UI-36: the same key with the same wish makes one thing and answers with it again', async () => {
    const { made, send } = await workshop()
    const request = { key: randomUUID(), wish: { name: 'Kim Park', count: 2 } }

    const answers = [valueOf(await send(request)), valueOf(await send(request)), valueOf(await send(request))]

    expect(made).toHaveLength(1)
    expect(answers).toEqual([made, made, made])
  })

  test('UI-36: the same key sent many times at one moment makes one thing', async () => {
    const { made, send } = await workshop()
    const key = randomUUID()

    const answers = await Promise.all(Array.from({ length: 6 }, async () => valueOf(await send({ key }))))

    expect(made).toHaveLength(1)
    expect(answers).toEqual(Array(6).fill(made))
  })

  test('UI-36: another wish under the same key is refused and makes nothing', async () => {
    const { made, send } = await workshop()
    const key = randomUUID()

    await send({ key, wish: { name: 'Kim Park' } })

    expect(codeOf(await send({ key, wish: { name: 'Ada Quill' } }))).toBe('request_key_reused')
    expect(made).toHaveLength(1)
  })

  test('no key, another operation, the other mode and another operator are each something new', async () => {
    const one = await workshop()
    const other = await workshop()
    const key = randomUUID()

    await one.send({ key })
    await one.send({})
    await one.send({})
    await one.send({ key, operation: 'other thing' })
    await one.send({ key }, 'live')
    await other.send({ key })

    expect([one.made.length, other.made.length]).toEqual([5, 1])
  })

  test('a refusal is not kept: corrected and sent again with the same key it is carried out', async () => {
    const { scope, made, send } = await workshop()
    const request = { operation: 'thing', key: randomUUID(), wish: {} }
    const problem = { title: 'No', cause: 'No.', nextStep: 'Try.', status: 409 } as const
    const refusal = inScope(ground().database, scope, async (rows) =>
      valueOf(await makeOnce(rows, request, async () => refused('taken', problem))),
    )
    await expect(refusal).rejects.toThrow('taken')

    valueOf(await send({ ...request, wish: { number: 2 } }))

    expect(made).toHaveLength(1)
  })

  test('a key is known for a day and then forgotten with everything as old', async () => {
    const { made, send } = await workshop()
    const [old, late] = [randomUUID(), randomUUID()]

    ground().clock.standAt(ground().clock.now())
    await send({ key: old })
    ground().clock.advance(day - 1)
    await send({ key: old })
    expect(made).toHaveLength(1)
    ground().clock.advance(1)
    await send({ key: late })
    await send({ key: old })
    ground().clock.flow()

    expect(made).toHaveLength(3)
  })
})
