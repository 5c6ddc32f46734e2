/**
 * A master key that is lost for good must not stop the installation for ever. What stood under it stays closed: operators paste their
 * keys again, and where the installation's own key stood under it, everybody signs in again.
 */
import { sealedUnder, withoutScope, type Database } from '#platform'
import { dropInstallationSecret, forgetMasterKeys, listInstallationSealed } from './store.ts'

export async function forgetLostKey(database: Database, keyId: string): Promise<void> {
  await withoutScope(database, async (rows) => {
    for (const stored of await listInstallationSealed(rows))
      if (sealedUnder(stored.sealed) === keyId) await dropInstallationSecret(rows, stored)
    await forgetMasterKeys(rows, [keyId])
  })
}
