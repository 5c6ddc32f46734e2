/** For tests: an account of the United States connected to the platform, complete, with a bank account for US dollars. */
import type { Bench } from '../test-bench.ts'

/** Returns the account's id. */
export async function connectAccount(bench: Bench): Promise<string> {
  const { id } = await bench.sdk('Rental').accounts.create({ type: 'standard', country: 'US' })
  await bench.control('POST', `/accounts/${id}/script`, { script: 'complete' })
  return id
}
