/** What the installation itself is shown, watched and repaired with: the parts of the wiring, and what its configuration says of it. */
import { readFileSync } from 'node:fs'
import type { Mode } from '#kernel'
import type { Configuration } from '#platform'
import type { PlatformKeys } from '#stripe'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

export function installationGroundOf<
  Ground extends { readonly configuration: Configuration; readonly platformKeys: PlatformKeys },
>(ground: Ground) {
  const { administrators, isSandboxOn, stripeWebhookSecretConnect } = ground.configuration
  return {
    ...ground,
    administrators,
    isSandboxOn,
    hasOutsideSecret: stripeWebhookSecretConnect !== undefined,
    version,
    keyMasks: keyMasksOf(ground.platformKeys),
    isKeyOfSandbox: (mode: Mode) => ground.configuration.platformKeys[mode] === undefined && isSandboxOn,
  }
}

/** `sk_test_••••1a2b`: kind, mode and the last four characters. */
function keyMasksOf(keys: PlatformKeys): Readonly<Partial<Record<'test' | 'live', string>>> {
  const shown = Object.entries(keys).map(([mode, key]) => {
    const text = key.reveal()
    return [mode, `${text.slice(0, 2)}_${mode}_••••${text.slice(-4)}`]
  })
  return Object.fromEntries(shown)
}
