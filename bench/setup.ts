/** Installs what the product is measured against into `bench/peers`, from a lock of its own; never beside the product (PERF-11). */
import { spawn } from 'node:child_process'
import { peersFolder } from './modes.ts'

export async function installPeers(say: (line: string) => void): Promise<void> {
  say('installing the peers into bench/peers')
  const child = spawn('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: peersFolder,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  const code = await new Promise<number>((resolve) => {
    child.once('error', () => resolve(127))
    child.once('exit', (exitCode) => resolve(exitCode ?? 1))
  })
  if (code !== 0) throw new Error('npm ci failed in bench/peers; its message is above.')
}
