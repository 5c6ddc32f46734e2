/**
 * The environment is read here, once, and nowhere else (STK-70). Every problem is reported at once, by name, with an example and
 * never with the value of a secret (STK-72). `docs/operations/configuration.md` and `.env.example` are printed from this table.
 */
import { existsSync, statSync } from 'node:fs'
import { nearest } from '#kernel'
import { z } from 'zod'

/** A refusal to start that is told to the person as it stands, without a stack trace (ARC-52). */
export class StartRefusal extends Error {}

type Setting = {
  readonly means: string
  readonly example: string
  readonly secret?: boolean
  readonly check: z.ZodType
}

const port = z.coerce.number().int().min(0).max(65_535)
const address = z.url({ protocol: /^https?$/ }).transform((value) => value.replace(/\/+$/, ''))
const onOff = z.enum(['on', 'off'])
const text = z.string().min(1)
const listed = <Of extends z.ZodType<string, string>>(one: Of) =>
  z
    .string()
    .transform((value) => value.split(/\s*,\s*/))
    .pipe(z.array(one).min(1))
const network = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])
const masterKey = z.string().regex(/^[A-Za-z0-9+/]{43}=$/)
const poolSize = z.coerce.number().int().min(2).max(200)
const logLevel = z.enum(['debug', 'info', 'warn', 'error', 'silent'])
const database = z.string().regex(/^postgres(ql)?:\/\//)

export const settings = {
  PORT: { means: 'port of the application; 3000 when not set', example: '3000', check: port },
  HOST: { means: 'address to listen on; 127.0.0.1 when not set', example: '127.0.0.1', check: text },
  PUBLIC_URL: {
    means: 'base of links, webhook and return addresses; https is needed for live mode',
    example: 'https://rentroll.example.org',
    check: address,
  },
  DATABASE_URL: {
    means: 'PostgreSQL 15 or newer, role rentroll_app; the built-in database when not set',
    example: 'postgres://rentroll_app:secret@127.0.0.1:5432/rentroll',
    secret: true,
    check: database,
  },
  DATABASE_OWNER_URL: {
    means: 'role rentroll_owner, for migrations; never used to serve',
    example: 'postgres://rentroll_owner:secret@127.0.0.1:5432/rentroll',
    secret: true,
    check: database,
  },
  DATABASE_AUTH_URL: {
    means: 'role rentroll_auth, for people and sessions; needed with DATABASE_URL',
    example: 'postgres://rentroll_auth:secret@127.0.0.1:5432/rentroll',
    secret: true,
    check: database,
  },
  DATABASE_POOL_SIZE: { means: 'connections per process; 10 when not set', example: '10', check: poolSize },
  RENTROLL_DATA_DIR: {
    means: 'folder of the built-in database, the sandbox and the demo key; ./data when not set',
    example: './data',
    check: text,
  },
  RENTROLL_SANDBOX: {
    means: 'on starts the sandboxes and the demo operator; on without DATABASE_URL, else off',
    example: 'on',
    check: onOff,
  },
  RENTROLL_WORK: {
    means: 'off leaves the background work to processes of `src/worker.ts`; needs PostgreSQL; on when not set',
    example: 'on',
    check: onOff,
  },
  RENTROLL_ADMINS: {
    means: 'mail addresses, by commas, of who runs the installation; the first owner of the only operator when not set',
    example: 'admin@example.org',
    check: listed(z.email().toLowerCase()),
  },
  RENTROLL_MASTER_KEY: {
    means: 'master key, base64 of 32 bytes; made in the data folder for the demo',
    example: 'the 44 characters that `npm run keys -- new` prints',
    secret: true,
    check: masterKey,
  },
  RENTROLL_MASTER_KEYS_ACCEPTED: {
    means:
      'further master keys beside RENTROLL_MASTER_KEY, separated by commas, that open and do not seal: older ones, or the next one',
    example: 'the key that was in RENTROLL_MASTER_KEY before',
    secret: true,
    check: listed(masterKey),
  },
  RENTROLL_MASTER_KEY_FILE: {
    means: 'file that holds the master key, mode 0600; of several lines the first seals and all open',
    example: '/etc/rentroll/master.key',
    check: text,
  },
  TRUSTED_PROXIES: {
    means: 'addresses or networks, by commas, of the proxies in front; only their X-Forwarded-For is read',
    example: '127.0.0.1, 10.0.0.0/8',
    check: listed(network),
  },
  AUDIT_ANCHOR_FILE: {
    means: 'file outside the database that the ends of the audit chains are added to every five minutes',
    example: '/var/lib/rentroll/audit-anchors.jsonl',
    check: text,
  },
  STRIPE_API_BASE: {
    means: 'where Stripe answers; the sandbox when it is on, else https://api.stripe.com',
    example: 'https://api.stripe.com',
    check: address,
  },
  STRIPE_SECRET_KEY_TEST: {
    means: "secret key of the installation's own Stripe account in test mode; with it operators can connect accounts",
    example: 'sk_test_ or rk_test_ and what Stripe shows after it',
    secret: true,
    check: z.string().regex(/^(sk|rk)_test_[A-Za-z0-9_]{10,}$/),
  },
  STRIPE_SECRET_KEY_LIVE: {
    means: 'the same in live mode; needs DATABASE_URL',
    example: 'sk_live_ or rk_live_ and what Stripe shows after it',
    secret: true,
    check: z.string().regex(/^(sk|rk)_live_[A-Za-z0-9_]{10,}$/),
  },
  STRIPE_WEBHOOK_SECRET: {
    means: "signing secret of the installation's platform endpoint, beside those that are stored",
    example: 'whsec_ and what Stripe shows after it',
    secret: true,
    check: text,
  },
  STRIPE_WEBHOOK_SECRET_CONNECT: {
    means: "signing secret of the installation's endpoint for connected accounts, beside those that are stored",
    example: 'whsec_ and what Stripe shows after it',
    secret: true,
    check: text,
  },
  RENTROLL_PLATFORM_FEE: {
    means: 'hundredths of a percent of what connected accounts take; refunds give it back unless `kept` follows',
    example: '150',
    check: z
      .string()
      .regex(/^([1-9]\d{0,3}|10000)( kept)?$/)
      .transform((value) => ({ basisPoints: Number.parseInt(value, 10), isKeptOnRefund: value.endsWith(' kept') })),
  },
  MAIL_URL: {
    means: 'SMTP server; the sandbox outbox when it is on',
    example: 'smtp://mail.example.org:587',
    secret: true,
    check: z.string().regex(/^smtps?:\/\//),
  },
  MAIL_FROM: { means: 'sender of mails', example: 'Rentroll <billing@example.org>', check: text },
  SANDBOX_PORT: { means: 'port of the sandboxes; PORT + 1 when not set', example: '3001', check: port },
  LOG_LEVEL: { means: 'info when not set; warn beside the sandboxes', example: 'info', check: logLevel },
  SHUTDOWN_DELAY_MS: {
    means: 'how long /readyz says no before the server stops accepting; 0 when not set',
    example: '5000',
    check: z.coerce.number().int().min(0).max(60_000),
  },
} satisfies Record<string, Setting>

type Raw = { [Name in keyof typeof settings]?: z.output<(typeof settings)[Name]['check']> }

export type Configuration = {
  readonly port: number
  /** True when PORT was set: then a taken port is an error and not a reason to try the next (STK-28). */
  readonly isPortFixed: boolean
  readonly host: string
  readonly publicUrl: string | undefined
  readonly databaseUrl: string | undefined
  readonly databaseOwnerUrl: string | undefined
  readonly databaseAuthUrl: string | undefined
  readonly databasePoolSize: number
  readonly dataFolder: string
  readonly isSandboxOn: boolean
  /** Whether this process does background work too. */
  readonly isWorking: boolean
  /** Addresses of the people who run the installation, in small letters; empty when nobody is named (TRU-90). */
  readonly administrators: readonly string[]
  readonly masterKey: string | undefined
  readonly masterKeysAccepted: readonly string[]
  readonly masterKeyFile: string | undefined
  /** Addresses, or networks such as `10.0.0.0/8`; empty when nobody stands in front. */
  readonly trustedProxies: readonly string[]
  readonly auditAnchorFile: string | undefined
  readonly stripeApiBase: string | undefined
  /** Keys of the installation's own account by mode; live ones are left out where no live money is taken (STR-18). */
  readonly platformKeys: Readonly<Partial<Record<'test' | 'live', string>>>
  readonly stripeWebhookSecret: string | undefined
  readonly stripeWebhookSecretConnect: string | undefined
  /** What is taken of payments of connected accounts; undefined when nothing is (STR-16). */
  readonly platformFee: { readonly basisPoints: number; readonly isKeptOnRefund: boolean } | undefined
  readonly mailUrl: string | undefined
  readonly mailFrom: string
  readonly sandboxPort: number | undefined
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  readonly shutdownDelayMs: number
  /** What was set and is of no use, one sentence each; the start says them and goes on. */
  readonly warnings: readonly string[]
}

/** @returns the configuration, or every problem as one sentence each. Blank values count as not set. */
export function readConfiguration(
  environment: Record<string, string | undefined>,
): Configuration | { readonly problems: string[] } {
  const problems: string[] = []
  const raw: Record<string, unknown> = {}
  for (const [name, setting] of Object.entries<Setting>(settings)) {
    const value = environment[name]?.trim()
    if (!value) continue
    const parsed = setting.check.safeParse(value)
    if (parsed.success) raw[name] = parsed.data
    else
      problems.push(
        `${name} ${setting.secret ? 'does not have the expected form' : `is ${JSON.stringify(value)}`}. Example: ${name}=${setting.example}`,
      )
  }
  problems.push(...unknownNames(environment))
  const values = raw as Raw
  if (values.RENTROLL_MASTER_KEY && values.RENTROLL_MASTER_KEY_FILE)
    problems.push('RENTROLL_MASTER_KEY and RENTROLL_MASTER_KEY_FILE are both set. Keep one.')
  if (values.RENTROLL_MASTER_KEYS_ACCEPTED && !values.RENTROLL_MASTER_KEY)
    problems.push(
      'RENTROLL_MASTER_KEYS_ACCEPTED is set without RENTROLL_MASTER_KEY. Further keys of a key file stand in the file itself, one a line below the first.',
    )
  if (values.RENTROLL_WORK === 'off' && !values.DATABASE_URL)
    problems.push('RENTROLL_WORK is off, and the built-in database has room for one process only. Set DATABASE_URL.')
  return problems.length > 0 ? { problems } : fromRaw(values)
}

function fromRaw(raw: Raw): Configuration {
  const isSandboxOn = raw.RENTROLL_SANDBOX ? raw.RENTROLL_SANDBOX === 'on' : raw.DATABASE_URL === undefined
  return {
    port: raw.PORT ?? 3000,
    isPortFixed: raw.PORT !== undefined,
    host: raw.HOST ?? '127.0.0.1',
    publicUrl: raw.PUBLIC_URL,
    databaseUrl: raw.DATABASE_URL,
    databaseOwnerUrl: raw.DATABASE_OWNER_URL,
    databaseAuthUrl: raw.DATABASE_AUTH_URL,
    databasePoolSize: raw.DATABASE_POOL_SIZE ?? 10,
    dataFolder: raw.RENTROLL_DATA_DIR ?? './data',
    isSandboxOn,
    isWorking: raw.RENTROLL_WORK !== 'off',
    administrators: raw.RENTROLL_ADMINS ?? [],
    masterKey: raw.RENTROLL_MASTER_KEY,
    masterKeysAccepted: raw.RENTROLL_MASTER_KEYS_ACCEPTED ?? [],
    masterKeyFile: raw.RENTROLL_MASTER_KEY_FILE,
    trustedProxies: raw.TRUSTED_PROXIES ?? [],
    auditAnchorFile: raw.AUDIT_ANCHOR_FILE,
    stripeApiBase: raw.STRIPE_API_BASE,
    platformKeys: {
      ...(raw.STRIPE_SECRET_KEY_TEST && { test: raw.STRIPE_SECRET_KEY_TEST }),
      ...(raw.STRIPE_SECRET_KEY_LIVE && raw.DATABASE_URL && { live: raw.STRIPE_SECRET_KEY_LIVE }),
    },
    stripeWebhookSecret: signingSecret(raw.STRIPE_WEBHOOK_SECRET),
    stripeWebhookSecretConnect: signingSecret(raw.STRIPE_WEBHOOK_SECRET_CONNECT),
    platformFee: raw.RENTROLL_PLATFORM_FEE,
    mailUrl: raw.MAIL_URL,
    mailFrom: raw.MAIL_FROM ?? 'Rentroll <rentroll@localhost>',
    sandboxPort: raw.SANDBOX_PORT,
    logLevel: raw.LOG_LEVEL ?? (isSandboxOn ? 'warn' : 'info'),
    shutdownDelayMs: raw.SHUTDOWN_DELAY_MS ?? 0,
    warnings: warningsOf(raw),
  }
}

function warningsOf(raw: Raw): readonly string[] {
  const unusable = (['STRIPE_WEBHOOK_SECRET', 'STRIPE_WEBHOOK_SECRET_CONNECT'] as const)
    .filter((name) => raw[name] !== undefined && signingSecret(raw[name]) === undefined)
    .map((name) => `${name} is not a signing secret of Stripe, so it is taken as not set. One begins with whsec_.`)
  if (!raw.STRIPE_SECRET_KEY_LIVE || raw.DATABASE_URL) return unusable
  return [...unusable, 'STRIPE_SECRET_KEY_LIVE is not used: live mode needs PostgreSQL. Set DATABASE_URL.']
}

/** A value that cannot be one counts as not set (STR-43): everybody could sign with an empty secret. */
function signingSecret(value: string | undefined): string | undefined {
  return value !== undefined && /^whsec_[A-Za-z0-9+/=_-]{16,}$/.test(value) ? value : undefined
}

function unknownNames(environment: Record<string, string | undefined>): string[] {
  const known = Object.keys(settings)
  return Object.keys(environment)
    .filter((name) => name.startsWith('RENTROLL_') && !name.startsWith('RENTROLL_TEST_') && !known.includes(name))
    .map((name) => `${name} is not a setting. The nearest one is ${nearest(name, known)}.`)
}

/**
 * The process's own environment after `.env` of the working folder, which never overrides what is set (STK-71).
 * @param warn told when others may read a `.env` that holds a secret.
 */
export function readEnvironment(warn: (sentence: string) => void): Record<string, string | undefined> {
  if (existsSync('.env')) {
    process.loadEnvFile('.env')
    const holdsSecret = Object.entries<Setting>(settings).some(([name, { secret }]) => secret && process.env[name])
    const isOpen = process.platform !== 'win32' && (statSync('.env').mode & 0o077) !== 0
    if (holdsSecret && isOpen) warn('The file .env holds a secret and can be read by others. Set its mode to 0600.')
  }
  return process.env
}
