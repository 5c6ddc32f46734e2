/** The command is run through a shell that prints its words, so what is tested is what curl would be given. */
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import type { RequestView } from '../../../stripe/index.ts'
import { curlCommand } from './curl.ts'

const request: RequestView = {
  id: 'req_1',
  at: new Date(0),
  method: 'POST',
  path: '/v1/customers?expand[]=data',
  accountId: 'acct_1',
  mode: 'test',
  status: 200,
  durationMs: 1,
  idempotencyKey: "it's",
  isReplay: false,
  apiVersion: '2026-10-28.endive',
  requestBody: "name=O'Neil+%26+Sons&metadata%5Ba%5D=%24HOME",
  responseBody: '{}',
  faults: [],
}

function wordsOf(command: string): string[] {
  const script = command.replace(/^curl /, 'printf "%s\\n" ')
  return execFileSync('/bin/sh', ['-c', script], { env: { STRIPE_KEY: 'sk' } })
    .toString()
    .trim()
    .split('\n')
}

test('a shell reads back every value as it was sent, quotes and dollar signs included', () => {
  expect(wordsOf(curlCommand(request, 'http://127.0.0.1:3001'))).toEqual([
    'http://127.0.0.1:3001/v1/customers?expand[]=data',
    '-u',
    'sk:',
    '-H',
    'Stripe-Version: 2026-10-28.endive',
    '-H',
    "Idempotency-Key: it's",
    '-d',
    "name=O'Neil+%26+Sons",
    '-d',
    'metadata[a]=%24HOME',
  ])
})

test('a call without a body names its method', () => {
  const words = wordsOf(
    curlCommand({ ...request, method: 'DELETE', requestBody: '', idempotencyKey: null }, 'http://x'),
  )

  expect(words.slice(1, 3)).toEqual(['-X', 'DELETE'])
})
