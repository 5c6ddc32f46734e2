/**
 * The product as a process of its own on PostgreSQL, in the second between its first answer and its being ready: whoever shares out work is told to
 * wait, and what Stripe sends meanwhile is kept (PERF-93, STR-56).
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'
import { openDatabase, systemClock, withoutScope } from '#platform'
import { createPostgresDatabase } from '#test/databases'
import { eventText, signatureFor } from '#test/inbox'
import { findFreePort } from '../../scripts/free-port.ts'

const secret = 'whsec_of_the_installation'

async function startProcess() {
  const { url, ownerUrl, drop } = await createPostgresDatabase()
  const authUrl = url.replace('//rentroll_app', '//rentroll_auth')
  const port = await findFreePort()
  const folder = mkdtempSync(join(tmpdir(), 'rentroll-starting-'))
  const env = {
    PATH: process.env['PATH'],
    PORT: String(port),
    DATABASE_URL: url,
    DATABASE_OWNER_URL: ownerUrl,
    DATABASE_AUTH_URL: authUrl,
    RENTROLL_MASTER_KEY: randomBytes(32).toString('base64'),
    RENTROLL_SANDBOX: 'off',
    // Nothing listens there.
    STRIPE_API_BASE: 'http://127.0.0.1:9',
    STRIPE_WEBHOOK_SECRET: secret,
    LOG_LEVEL: 'error',
  }
  const child = spawn(process.execPath, [join(process.cwd(), 'src/main.ts')], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = once(child, 'exit')
  // Whatever fails, nothing is left running.
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
    await drop()
    rmSync(folder, { recursive: true, force: true })
  })
  const origin = `http://127.0.0.1:${port}`
  return {
    /** Undefined while nobody listens. */
    statusOf: (path: string, sent?: RequestInit) =>
      fetch(`${origin}${path}`, sent).then(
        ({ status }) => status,
        () => undefined,
      ),
    open: () => openDatabase({ clock: systemClock, url, authUrl }),
    /** @returns its exit code. */
    async stop() {
      child.kill('SIGTERM')
      const [code] = await ended
      return code as unknown
    },
  }
}

function newsOfNobody(): RequestInit {
  const body = eventText({ id: 'evt_while_starting', account: 'acct_not_known_yet', objectId: 'pi_1' })
  const signature = signatureFor({ clock: systemClock }, { body, secret })
  return { method: 'POST', body, headers: { 'stripe-signature': signature } }
}

test.skipIf(!inject('databaseKinds').includes('postgres'))(
  'PERF-93 STR-56: until it is warm it is not given work, and what Stripe sends all the same is kept',
  async () => {
    const product = await startProcess()
    await expect.poll(() => product.statusOf('/livez'), { interval: 10, timeout: 30_000 }).toBe(200)

    expect(await product.statusOf('/readyz')).toBe(503)
    expect(await product.statusOf('/api/stripe/webhook', newsOfNobody())).toBe(200)
    await expect.poll(() => product.statusOf('/readyz'), { interval: 50, timeout: 30_000 }).toBe(200)

    const database = await product.open()
    const kept = await withoutScope(database, (rows) =>
      rows.selectFrom('app.inbox_events').select(['event_id', 'state']).execute(),
    )
    expect(kept).toEqual([{ event_id: 'evt_while_starting', state: 'parked' }])
    await database.close()
    expect(await product.stop()).toBe(0)
  },
)
