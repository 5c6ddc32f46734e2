/** Whether stored values may need this master key, by the register: true until a walk of `rewrapAll` saw that nothing does. */
import { withoutScope, type Database } from '#platform'
import { listMasterKeys } from './store.ts'

export async function isKeyNeeded(database: Database, keyId: string): Promise<boolean> {
  return (await withoutScope(database, listMasterKeys)).includes(keyId)
}
