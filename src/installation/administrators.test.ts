import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApi, type TestApi } from '#test/api'
import { eachDatabase } from '#test/databases'
import { isAdministrator, listAdministrators } from './administrators.ts'

eachDatabase('who runs the installation', {}, (ground) => {
  let api: TestApi
  beforeAll(async () => {
    api = await openTestApi(ground())
  })
  afterAll(() => api?.stop())

  test('TRU-90: the first owner of the only operator; of several nobody, unless the environment names a person who has signed up', async () => {
    const of = (administrators: readonly string[], isSandboxOn = false) =>
      listAdministrators({ database: ground().database, administrators, isSandboxOn })
    expect(await of([])).toEqual([])
    const first = await api.signUp()
    expect(await of([])).toEqual([first.email])
    expect((await first.visitor.call('/api/v1/installation')).status).toBe(200)
    expect((await first.visitor.call('/api/v1/me')).body).toMatchObject({ isAdministrator: true })

    const second = await api.signUp()

    expect(await of([])).toEqual([])
    for (const { visitor } of [first, second]) {
      expect((await visitor.call('/api/v1/installation')).status).toBe(404)
      expect((await visitor.call('/api/v1/me')).body).toMatchObject({ isAdministrator: false })
    }
    expect((await api.visitor().call('/api/v1/installation')).status).toBe(401)
    expect(await of([], true)).toEqual([first.email])
    expect(await of([second.email, 'never@signed-up.example'])).toEqual([second.email])
    const named = { database: ground().database, administrators: [second.email], isSandboxOn: true }
    expect(await isAdministrator(named, first)).toBe(false)
    expect(await isAdministrator(named, second)).toBe(true)
  })
})
