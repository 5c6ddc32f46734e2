/** Opens every stored secret once and shows none (TRU-33): what is found here would have been found by a payment or a webhook. */
import type { SecretBox } from '#platform'
import { walkSealed, type Walk } from './walk.ts'

export type VerifiedSecrets = {
  readonly opened: number
  /** What does not open, and why, one sentence each. */
  readonly faults: readonly string[]
}

export async function verifyAll(box: SecretBox, walk: Walk): Promise<VerifiedSecrets> {
  let opened = 0
  const faults: string[] = []
  await walkSealed(walk, async (batch) => {
    for (const { sealed, operatorId, column, rowId } of batch) {
      try {
        box.open(sealed, { operatorId, field: column.field, rowId })
        opened += 1
      } catch (error) {
        faults.push(
          `${column.table}.${column.column} of operator ${operatorId}, row ${rowId}: ${(error as Error).message}`,
        )
      }
    }
  })
  return { opened, faults }
}
