/**
 * The box for secrets of a serving process. A master key that stored values need and nobody has stops the start, because otherwise the
 * first webhook would find out. The installation's own key is made at the first start; sessions and fingerprints hang on it, so that
 * neither ends with a master key.
 */
import {
  createSealer,
  createSecretBox,
  newToken,
  Secret,
  StartRefusal,
  withoutScope,
  type Database,
  type KeyProvider,
  type SecretBox,
} from '#platform'
import { installation } from './sealed-columns.ts'
import { keepInstallationSecret, listMasterKeys, noteMasterKey } from './store.ts'

const name = 'installation key'
const place = { operatorId: installation, field: 'installation_secrets.sealed', rowId: name }

/** @throws StartRefusal when stored values need a master key that is not at hand (TRU-242). */
export async function openSecretBox(database: Database, keys: KeyProvider): Promise<SecretBox> {
  const sealer = createSealer(keys)
  const sealed = await withoutScope(database, async (rows) => {
    assertAllKnown(await listMasterKeys(rows), keys)
    await noteMasterKey(rows, { id: keys.newest, at: database.clock.now() })
    return keepInstallationSecret(rows, { name, fresh: sealer.seal(new Secret(newToken()), place) })
  })
  return createSecretBox(keys, Buffer.from(sealer.open(sealed, place).reveal(), 'base64url'))
}

function assertAllKnown(needed: readonly string[], keys: KeyProvider): void {
  const known = keys.known()
  const missing = needed.filter((id) => !known.includes(id))
  if (missing.length === 0) return
  throw new StartRefusal(
    `Stored secrets need master key ${missing.join(' and ')}; at hand ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}. ` +
      'Give that key as well, as a further line of the key file or in RENTROLL_MASTER_KEYS_ACCEPTED, then run `npm run rewrap` to be rid of it.',
  )
}
