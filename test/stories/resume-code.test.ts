/**
 * Who follows a link to Stripe’s form without an account here: a code of six digits from the owner’s mail lets them on, to that form and
 * nowhere else (STR-32, UI-145).
 */
import { expect, test } from 'vitest'
import { inScope } from '#platform'
import { eachProduct, eventually, Session, type Product, type Reply } from '#test/product'
import { operatorIdOf } from './fingerprints.ts'
import { mailsTo, signUp } from './walk.ts'

const wrongCode = { status: 422, body: { code: 'code_refused', title: 'This code does not work' } }

/** A fresh operator, and its link as a visitor holds it. */
async function linked(product: Product) {
  const owner = await signUp(product)
  await owner.good('POST', '/connect/account', { country: 'AU', businessType: 'company' })
  const { url } = await owner.good('POST', '/connect/resume-links')
  const visitor = new Session(product.origin)
  const path = `/api/v1${new URL(url).pathname}`
  const address = `owner@${owner.slug}.example`
  const codes = async () =>
    (await mailsTo(product, address)).flatMap(({ subject }) => /^(\d{6}) is the code/.exec(subject)?.[1] ?? [])
  return {
    owner,
    visitor,
    path,
    /** The newest code that was mailed. */
    async mailCode(): Promise<string> {
      const before = (await codes()).length
      expect((await visitor.call('POST', `${path}/code`)).status).toBe(204)
      const found = await eventually(codes, ({ length }) => length > before)
      return found[0]!
    },
    enter: (code: string): Promise<Reply> => visitor.call('POST', `${path}/pass`, { code }),
    press: async (as: Session = visitor) => {
      const headers = { Origin: product.origin, 'Content-Type': 'application/x-www-form-urlencoded' }
      const cookie = as.cookie === '' ? {} : { Cookie: as.cookie }
      const sent = { method: 'POST', redirect: 'manual', headers: { ...headers, ...cookie } } as const
      const reply = await fetch(`${product.origin}${path}`, sent)
      return { status: reply.status, location: reply.headers.get('location') ?? '' }
    },
  }
}

/** Six digits that are not these. */
const other = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

eachProduct(
  'a code in place of a sign-in',
  (product) => {
    test('STR-32 UI-145: a right code shows whose account it is and opens Stripe’s form, once per press, and nothing else', async () => {
      const { owner, visitor, path, mailCode, enter, press } = await linked(product())
      expect((await press()).status).toBe(401)
      expect((await visitor.get(path)).body).toEqual({
        state: 'open',
        endsAt: expect.any(String),
        isSignedIn: false,
        hasPass: false,
      })
      const code = await mailCode()
      expect((await enter(`${code.slice(0, 3)} ${code.slice(3)}`)).status).toBe(204)
      expect((await visitor.get(path)).body).toMatchObject({ hasPass: true, operator: expect.stringMatching(/^Fresh/) })

      const presses = [await press(), await press()]
      expect(presses.map(({ status }) => status)).toEqual([303, 303])
      expect(new Set(presses.map(({ location }) => location)).size).toBe(2)
      expect((await visitor.call('GET', `/api/v1/w/${owner.slug}/connect?mode=test`)).status).toBe(401)
      const stranger = await linked(product())
      expect((await stranger.press(visitor)).status).toBe(401)

      const log = await owner.good('GET', '/audit')
      const seen = log.rows.map(({ action, actorKind }: any) => `${actorKind} ${action}`)
      expect(seen.slice(0, 4)).toEqual([
        'visitor connection.stripe_link_made',
        'visitor connection.stripe_link_made',
        'visitor connection.resume_code_used',
        'visitor connection.resume_code_mailed',
      ])
    })

    test('STR-32: wrong, used, replaced, old and never sent are one answer; five wrong tries end a code', async () => {
      const { mailCode, enter } = await linked(product())
      expect(await enter('123456')).toMatchObject(wrongCode)
      const replaced = await mailCode()
      const used = await mailCode()
      expect(await enter(replaced)).toMatchObject(wrongCode)
      expect((await enter(used)).status).toBe(204)
      expect(await enter(used)).toMatchObject(wrongCode)
      const tried = await mailCode()
      const tries = []
      for (let count = 0; count < 5; count += 1) tries.push((await enter(other(tried))).body)
      tries.push((await enter(tried)).body)
      expect(new Set(tries.map(({ requestId: _id, ...said }) => JSON.stringify(said))).size).toBe(1)
      const old = await mailCode()
      product().clock.advance(10 * 60_000)
      expect(await enter(old)).toMatchObject(wrongCode)
    })

    test('STR-32: tries sent at once are counted one by one, and five codes an hour are enough', async () => {
      const { visitor, path, mailCode, enter } = await linked(product())
      const code = await mailCode()
      await Promise.all(Array.from({ length: 8 }, () => enter(other(code))))
      expect(await enter(code)).toMatchObject(wrongCode)
      for (let count = 1; count < 5; count += 1) await mailCode()
      expect(await visitor.call('POST', `${path}/code`)).toMatchObject({
        status: 429,
        body: { code: 'too_many_codes' },
      })
    })

    test('TRU-10: a code stands neither in the database nor in the logs, and a pass ends with its half hour or its link', async () => {
      const { owner, visitor, path, mailCode, enter, press } = await linked(product())
      const code = await mailCode()
      const scope = { operatorId: await operatorIdOf(product(), owner), mode: 'test' } as const
      const kept = await inScope(product().ground.database, scope, async (rows) => [
        await rows.selectFrom('app.resume_codes').selectAll().execute(),
        await rows.selectFrom('app.mail_outbox').selectAll().execute(),
      ])
      expect(JSON.stringify(kept)).not.toContain(code)
      expect(product().logLines.join('\n')).not.toContain(code)
      await enter(code)
      expect((await press()).status).toBe(303)
      product().clock.advance(30 * 60_000)
      expect((await press()).status).toBe(401)
      await enter(await mailCode())
      await owner.good('POST', '/connect/resume-links/revoke')
      expect((await press()).status).toBe(404)
      expect((await visitor.call('POST', `${path}/code`)).status).toBe(404)
    })
  },
  { isPlatform: true },
)
