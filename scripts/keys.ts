/** `npm run keys -- new`: a master key to keep in a file of mode 0600 (TRU-32). Re-wrapping under another key comes with key rotation. */
import { randomBytes } from 'node:crypto'

if (process.argv[2] === 'new') {
  process.stdout.write(`${randomBytes(32).toString('base64')}\n`)
} else {
  process.stderr.write(
    'npm run keys -- new   prints a fresh master key; keep it in a file of mode 0600 and set RENTROLL_MASTER_KEY_FILE\n',
  )
  process.exit(1)
}
