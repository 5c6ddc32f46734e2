/**
 * What a password must be and how it is kept (TRU-72): argon2id from Node's own crypto. What surprises: one hash takes 19 MiB, so at
 * most two run at a time in a process; fifty may wait, and whoever comes after them is told to try again.
 */
import { argon2, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Outcome } from '#kernel'
import { newToken } from '#platform'
import { refuse, type OperatorsProblem } from './problems.ts'

const cost = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const
const runningLimit = 2
const waitingLimit = 50

/** Too many passwords are being checked at once; the person tries again in a moment. */
export class HashingBusy extends Error {}

export type Hashing = {
  /** @returns the PHC text `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. @throws HashingBusy */
  hash(password: string): Promise<string>
  /** @throws HashingBusy */
  isMatch(password: string, kept: string): Promise<boolean>
}

/** One per process, because the limit is about the memory of the process. */
export function createHashing(): Hashing {
  const queue = turnQueue()
  return {
    hash: (password) =>
      queue(async () => {
        const salt = Buffer.from(newToken(), 'base64url').subarray(0, 16)
        const hash = await derive(password, salt, cost)
        const { memory, passes, parallelism } = cost
        return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(hash)}`
      }),
    isMatch: (password, kept) =>
      queue(async () => {
        const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(kept)
        if (!match) return false
        const [, memory, passes, parallelism, salt = '', expected = ''] = match
        const wanted = Buffer.from(expected, 'base64')
        const keptCost = {
          memory: Number(memory),
          passes: Number(passes),
          parallelism: Number(parallelism),
          tagLength: wanted.length,
        }
        return timingSafeEqual(await derive(password, Buffer.from(salt, 'base64'), keptCost), wanted)
      }),
  }
}

function derive(
  password: string,
  nonce: Buffer,
  parameters: { memory: number; passes: number; parallelism: number; tagLength: number },
): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  argon2('argon2id', { message: password.normalize('NFC'), nonce, ...parameters }, (error, key) =>
    error ? reject(error) : resolve(key),
  )
  return promise
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}

function turnQueue() {
  let running = 0
  const waiting: (() => void)[] = []
  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (running >= runningLimit) {
      if (waiting.length >= waitingLimit) throw new HashingBusy('too many passwords are being checked')
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}

/** The person and the workspace a password must not repeat. */
export type PasswordOwner = { readonly name: string; readonly email: string; readonly slug?: string }

/** @returns the refusal, or undefined when the password may be used. */
export function judgePassword(password: string, owner: PasswordOwner): Outcome<never, OperatorsProblem> | undefined {
  const normal = password.normalize('NFC')
  const length = [...normal].length
  if (length < 12) return refuse('password_too_short', '/password')
  if (length > 128) return refuse('password_too_long', '/password')
  if (repeatsOwner(normal.toLowerCase(), owner)) return refuse('password_is_personal', '/password')
  if (isCommon(normal)) return refuse('password_is_common', '/password')
  return undefined
}

function repeatsOwner(password: string, { name, email, slug }: PasswordOwner): boolean {
  const plain = (text: string) => text.normalize('NFC').toLowerCase().replaceAll(/\s+/g, '')
  const [account = ''] = email.split('@')
  return [name, email, account, slug ?? ''].map(plain).includes(plain(password))
}

const common: ReadonlySet<string> = new Set(
  readFileSync(new URL('./word-lists/common-passwords.txt', import.meta.url), 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== ''),
)

const lookAlikes: Readonly<Record<string, string>> = {
  '@': 'a',
  '4': 'a',
  '3': 'e',
  '1': 'i',
  '!': 'i',
  '0': 'o',
  $: 's',
  '5': 's',
  '7': 't',
}

/**
 * True for a common password, also when it was only lengthened: digits and signs at its ends, letters swapped for look-alikes, or
 * the whole thing repeated do not make it new. Digits alone are birthdays and telephone numbers.
 */
function isCommon(password: string): boolean {
  const lower = password.toLowerCase()
  const cores = [lower, trimmed(lower), trimmed(plainLetters(lower)), plainLetters(trimmed(lower))]
  return /^\d+$/.test(lower) || cores.some((core) => common.has(core) || common.has(repeatedPart(core)) || isRun(core))
}

/** Without the ASCII digits, signs and spaces at both ends; letters of other scripts stay. */
function trimmed(text: string): string {
  return text.replaceAll(/^[\u0020-\u0040[-`{-~]+|[\u0020-\u0040[-`{-~]+$/g, '')
}

function plainLetters(text: string): string {
  return [...text].map((letter) => lookAlikes[letter] ?? letter).join('')
}

/** `abcabcabc` is `abc` said three times. */
function repeatedPart(text: string): string {
  return /^(.+?)\1+$/.exec(text)?.[1] ?? text
}

/** One character over and over, or each the neighbour of the one before: `aaaaaaaaaaaa`, `abcdefghijkl`, `987654321098`. */
function isRun(text: string): boolean {
  const steps = new Set([...text].slice(1).map((letter, index) => letter.charCodeAt(0) - text.charCodeAt(index)))
  return text.length > 1 && steps.size === 1 && Math.abs([...steps][0] ?? 9) <= 1
}
