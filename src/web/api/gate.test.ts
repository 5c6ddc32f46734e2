import { OpenAPIHono, createRoute } from '@hono/zod-openapi'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestApi, type TestApi } from '#test/api'
import { eachDatabase } from '#test/databases'
import { readAccessTable } from './context.ts'

eachDatabase('the gate', {}, (ground) => {
  let api: TestApi
  beforeAll(async () => {
    api = await openTestApi(ground())
  })
  afterAll(() => api.stop())

  const company = (slug: string) => `/api/v1/w/${slug}/settings/company?mode=test`

  describe('who is let in', () => {
    test('a signed-out visitor gets 401 and no detail, whether or not the slug exists', async () => {
      const { slug } = await api.signUp()

      const [known, unknown] = await Promise.all([
        api.visitor().call(company(slug)),
        api.visitor().call(company('no-such-place')),
      ])

      expect([known.status, unknown.status]).toEqual([401, 401])
      expect(known.body.code).toBe('signed_out')
      expect(known.text).not.toContain(slug)
    })

    test('TRU-1: the owner of another operator gets 404, the same as for a slug that does not exist, and changes nothing', async () => {
      const [mine, theirs] = [await api.signUp(), await api.signUp()]
      const before = await theirs.visitor.call(company(theirs.slug))

      const foreign = await mine.visitor.call(company(theirs.slug))
      const missing = await mine.visitor.call(company('no-such-place'))
      const { slug: _slug, updatedAt: _updatedAt, isCurrencyFixed: _isCurrencyFixed, ...fields } = before.body
      const written = await mine.visitor.call(company(theirs.slug), {
        method: 'PUT',
        body: { ...fields, name: 'Taken over' },
      })

      expect([foreign.status, missing.status, written.status]).toEqual([404, 404, 404])
      expect(foreign.body.detail).toBe(missing.body.detail)
      expect((await theirs.visitor.call(company(theirs.slug))).body).toEqual(before.body)
    })

    test('TRU-90: a role that may not is told which roles may', async () => {
      const { visitor, slug, email } = await api.signUp()
      const { auth } = ground().database
      const { id } = await auth.selectFrom('users').select('id').where('email', '=', email).executeTakeFirstOrThrow()
      await auth.updateTable('memberships').set({ role: 'front_desk' }).where('user_id', '=', id).execute()

      const read = await visitor.call(company(slug))
      const added = await visitor.post(`/api/v1/w/${slug}/settings/tax-rates`, {
        name: 'GST',
        percent: '10',
        treatment: 'taxable',
      })

      expect(read.status).toBe(200)
      expect(added.status).toBe(403)
      expect(added.body.detail).toBe('Needs the owner or admin role.')
    })

    test('a mode that is neither test nor live is refused by name', async () => {
      const { visitor, slug } = await api.signUp()

      const answer = await visitor.call(`/api/v1/w/${slug}/settings/company?mode=both`)

      expect(answer.status).toBe(422)
      expect(answer.body.errors).toEqual([{ pointer: '/mode', detail: 'Choose test or live.' }])
    })

    test('an id of another kind, a malformed one and an unknown one are all 404', async () => {
      const { visitor, slug } = await api.signUp()
      const ids = ['inv_0198c1d20000700080000000000000ab', 'tax_1', 'tax_0198c1d20000700080000000000000ab']

      const answers = await Promise.all(
        ids.map((id) => visitor.post(`/api/v1/w/${slug}/settings/tax-rates/${id}/retire`)),
      )

      expect(answers.map(({ status, body }) => [status, body.code])).toEqual(ids.map(() => [404, 'not_found']))
    })

    test('an address of the API that does not exist is a problem, not a page', async () => {
      const answer = await api.visitor().call('/api/v1/nothing-here')

      expect(answer.status).toBe(404)
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(answer.body.requestId).toBe(answer.headers.get('request-id'))
    })
  })

  describe('faults', () => {
    test('TRU-117: an unknown fault is said in one sentence with a reference; the log has it, scrubbed, and the answer has no stack', async () => {
      const { visitor, slug } = await api.signUp()
      const broken = await openTestApi(ground(), {
        hasFinalisedInvoice: () =>
          Promise.reject(new Error('the books fell off the shelf near sk_test_4eC39HqLyjWDarjtT1zdp7dc')),
      })
      const guest = broken.visitor()
      guest.cookies.set('rentroll_dev', visitor.cookies.get('rentroll_dev') ?? '')

      const answer = await guest.call(company(slug))
      await broken.stop()

      const { requestId } = answer.body
      const line = ground().logLines.find((logged) => logged.includes(requestId) && logged.includes('books fell'))
      expect(answer.status).toBe(500)
      expect(answer.body.detail).toBe(
        `Something failed on our side. Nothing was charged twice. Reference ${requestId}.`,
      )
      expect(answer.text).not.toContain('shelf')
      expect(line).toContain('sk_test_••••')
    })

    test('TRU-260: the log names the pattern of a route, never its path', async () => {
      const { visitor, slug } = await api.signUp()

      const answer = await visitor.call(company(slug))

      const line = ground().logLines.find((logged) => logged.includes(answer.headers.get('request-id') ?? 'none'))
      expect(JSON.parse(line ?? '{}')).toMatchObject({
        route: '/api/v1/w/:slug/settings/company',
        method: 'GET',
        status: 200,
        mode: 'test',
      })
      expect(line).not.toContain(slug)
    })
  })
})

test('TRU-91: an operation that does not say who may use it stops the start', () => {
  const route = (path: string, access?: string) =>
    createRoute({
      method: 'get',
      path,
      responses: { 204: { description: 'nothing' } },
      ...(access && { 'x-permission': access }),
    })
  const tableOf = (path: string, access?: string) => () =>
    readAccessTable(new OpenAPIHono().openapi(route(path, access), (c) => c.body(null, 204)))

  expect(tableOf('/api/v1/w/{slug}/things')).toThrow('GET /api/v1/w/:slug/things has no known x-permission')
  expect(tableOf('/api/v1/w/{slug}/things', 'everything.do')).toThrow('no known x-permission')
  expect(tableOf('/api/v1/things', 'space.view')).toThrow('stands under no operator')
  expect([...tableOf('/api/v1/w/{slug}/things', 'space.view')()]).toEqual([
    ['GET /api/v1/w/:slug/things', 'space.view'],
  ])
})
