/**
 * One project per layer of tests, so that each has its own time limits. The layers that touch a database share one
 * choice of databases, made once per run; the traffic of all of them with the sandbox is judged at the end; the browser
 * stories run after everything else, two at a time, because two cores are few.
 */
import { configDefaults, defineConfig } from 'vitest/config'

const guard = 'test/setup/loopback-only.mjs'
const label = 'test/setup/traffic-label.ts'
const databases = 'test/setup/choose-databases.ts'
const traffic = 'test/setup/judge-traffic.ts'
const minute = 60_000
/**
 * Set where the same tests are about to run on the other database, which is several times as fast: one story is enough here, and the modules whose
 * SQL is the least ordinary. A flag would not reach the projects.
 */
const isBrief = process.env['RENTROLL_TEST_STORIES'] === 'one'

export default defineConfig({
  test: {
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    // Loading the source for each file anew was a third of the time. No test replaces a module or leaves anything in one.
    isolate: false,
    // Limits end a test that hangs; nothing is measured by them, and a wait gives up before (test/setup/soon.ts).
    testTimeout: 1.5 * minute,
    hookTimeout: 3 * minute,
    teardownTimeout: 2 * minute,
    passWithNoTests: false,
    reporters: ['default', './test/setup/count-reporter.ts'],
    setupFiles: [guard, label],
    exclude: [...configDefaults.exclude, 'test/architecture/planted/**'],
    projects: [
      {
        extends: true,
        test: {
          name: 'modules',
          include: isBrief ? ['src/{platform,ledger,inbox,payments}/*.test.ts'] : ['src/**/*.test.{ts,tsx}'],
          globalSetup: [databases, traffic],
        },
      },
      {
        extends: true,
        test: {
          name: 'sandbox',
          include: ['{sandbox,scripts,test/setup}/**/*.test.ts'],
          globalSetup: [traffic],
        },
      },
      { extends: true, test: { name: 'architecture', include: ['test/architecture/*.test.ts'] } },
      { extends: true, test: { name: 'contract', include: ['test/contract/**/*.test.ts'], globalSetup: [traffic] } },
      {
        extends: true,
        test: {
          name: 'stories',
          include: isBrief ? ['test/stories/first-payment.test.ts'] : ['{test/stories,prove}/**/*.test.ts'],
          globalSetup: [databases, traffic],
          testTimeout: 3 * minute,
        },
      },
      {
        extends: true,
        test: {
          name: 'simulation',
          include: ['test/simulation/**/*.test.ts'],
          globalSetup: [databases, traffic],
          testTimeout: 5 * minute,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: [databases, traffic],
          testTimeout: 5 * minute,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
