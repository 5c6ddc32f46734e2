/**
 * The people of an installation and their sessions. The sign-in library keeps users, passwords and sessions in schema `auth`; it is
 * called from here only and never mounted as HTTP, so its own addresses do not exist. What surprises: it reads the wall clock by
 * itself, so sessions live by real time even where the application's clock was turned; a person who turns it stays signed in.
 */
import { betterAuth } from 'better-auth'
import { createAuthEndpoint, getSessionFromCtx } from 'better-auth/api'
import { setSessionCookie } from 'better-auth/cookies'
import { z } from 'zod'
import {
  newId,
  newToken,
  type Clock,
  type Database,
  type Logs,
  type Mail,
  type Mailer,
  type SecretBox,
} from '#platform'
import { composeMail, type Letter } from './mails.ts'
import { createHashing, type Hashing } from './passwords.ts'

const idleSeconds = 12 * 3600
const refreshSeconds = 60
export const absoluteMs = 7 * 86_400_000

export type PeopleOptions = {
  readonly database: Database
  readonly clock: Clock
  readonly logs: Logs
  readonly box: SecretBox
  readonly mailer: Mailer
  /** Base of the links in mails, without a slash at its end. */
  readonly publicUrl: string
}

/** What the deeds of sign-up and sign-in work with; made once per process. */
export type People = Omit<PeopleOptions, 'box' | 'mailer'> & {
  readonly hashing: Hashing
  readonly sessions: Sessions
  /** What the demo operator's person signs in with: of this installation alone, and kept nowhere but in their account's hash. */
  readonly demoPassword: string
  /** Sends a mail after the answer, so that its time does not tell whether there was one. */
  post(letter: Letter): void
  /** Waits for the mails still on their way; part of an orderly stop. */
  settle(): Promise<void>
}

export type Sessions = ReturnType<typeof createSessions>

export function createPeople(options: PeopleOptions): People {
  const hashing = createHashing()
  const { mailer, box, ...ground } = options
  const underway = new Set<Promise<void>>()
  return {
    ...ground,
    hashing,
    sessions: createSessions(options, hashing),
    demoPassword: inGroups(box.derive('demo password').toString('hex').slice(0, 16)),
    post(letter) {
      const mail = composeMail(letter, { id: newId(options.clock), at: options.clock.now() })
      const sending = sendLater(mailer, mail).catch((error: unknown) =>
        options.logs.error({ error: String(error) }, 'a mail of sign-in was not taken'),
      )
      underway.add(sending)
      void sending.finally(() => underway.delete(sending))
    },
    async settle() {
      await Promise.allSettled(underway)
    },
  }
}

function inGroups(text: string): string {
  return (text.match(/.{4}/g) ?? []).join('-')
}

async function sendLater(mailer: Mailer, mail: Mail): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  await mailer.send(mail)
}

/** `__Host-` needs https; plain http exists only on loopback, where the demo runs (TRU-75). */
function sessionCookieName(publicUrl: string): string {
  return publicUrl.startsWith('https://') ? '__Host-rentroll' : 'rentroll_dev'
}

function createSessions({ database, clock, logs, box, publicUrl }: PeopleOptions, hashing: Hashing) {
  const isSecure = publicUrl.startsWith('https://')
  const times = { createdAt: 'created_at', updatedAt: 'updated_at' }
  return betterAuth({
    baseURL: publicUrl,
    secret: box.derive('sessions').toString('base64'),
    database: { db: database.auth, type: 'postgres' },
    telemetry: { enabled: false },
    logger: { level: 'error', log: (_level, message) => logs.error({ library: 'better-auth' }, message) },
    emailAndPassword: {
      enabled: true,
      minPasswordLength: 1,
      maxPasswordLength: 1024,
      password: { hash: hashing.hash, verify: ({ hash, password }) => hashing.isMatch(password, hash) },
    },
    user: { modelName: 'users', fields: { emailVerified: 'email_verified', ...times } },
    account: { modelName: 'accounts', fields: accountColumns(times) },
    session: {
      modelName: 'sessions',
      fields: {
        userId: 'user_id',
        expiresAt: 'expires_at',
        ipAddress: 'ip_address',
        userAgent: 'user_agent',
        ...times,
      },
      expiresIn: idleSeconds,
      updateAge: refreshSeconds,
    },
    databaseHooks: {
      session: { create: { before: async (session) => ({ data: { ...session, token: newToken() } }) } },
    },
    advanced: {
      database: { generateId: () => newId(clock), validateSchema: false },
      ipAddress: { disableIpTracking: true },
      useSecureCookies: false,
      cookies: {
        session_token: {
          name: sessionCookieName(publicUrl),
          attributes: { secure: isSecure, httpOnly: true, sameSite: 'lax', path: '/' },
        },
      },
    },
    plugins: [ownSessions],
  })
}

function accountColumns(times: { createdAt: string; updatedAt: string }) {
  return {
    userId: 'user_id',
    accountId: 'account_id',
    providerId: 'provider_id',
    accessToken: 'access_token',
    refreshToken: 'refresh_token',
    idToken: 'id_token',
    accessTokenExpiresAt: 'access_token_expires_at',
    refreshTokenExpiresAt: 'refresh_token_expires_at',
    ...times,
  }
}

/**
 * The library opens a session only for a password; a confirmed address and the demo button need one as well. And it never gives a session
 * that goes on another token, which proving again does (TRU-75): whoever copied the cookie before is signed out by it.
 */
const ownSessions = {
  id: 'own-sessions',
  endpoints: {
    openSession: createAuthEndpoint(
      '/open-session',
      { method: 'POST', body: z.object({ userId: z.string() }) },
      async (ctx) => {
        const user = await ctx.context.internalAdapter.findUserById(ctx.body.userId)
        if (!user) throw new Error('openSession: there is no such person')
        const session = await ctx.context.internalAdapter.createSession(user.id)
        await setSessionCookie(ctx, { session, user })
        return { token: session.token }
      },
    ),
    renewSession: createAuthEndpoint('/renew-session', { method: 'POST', requireHeaders: true }, async (ctx) => {
      const found = await getSessionFromCtx(ctx, { disableRefresh: true })
      if (!found) return undefined
      const session = await ctx.context.internalAdapter.updateSession(found.session.token, { token: newToken() })
      if (!session) return undefined
      await setSessionCookie(ctx, { session, user: found.user })
      return { token: session.token }
    }),
  },
}
