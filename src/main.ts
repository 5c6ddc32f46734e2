/**
 * The application: web, background work and, for the demo, the sandboxes, in one process on the embedded database; or web and work on
 * PostgreSQL. `npm start` runs this. Whatever keeps it from starting is one sentence and exit code 1 (ARC-52).
 */
import { makeDemoOperator } from '#operators'
import {
  StartRefusal,
  createLogs,
  emptyDataFolder,
  readConfiguration,
  readEnvironment,
  systemClock,
  type Configuration,
} from '#platform'
import { createAnswering, startServer, type Answering, type WebServer } from '#web/api'
import { openPath } from '#web/paths'
import { tuneEngine } from './engine.ts'
import { platformKeysOf } from './platform-keys.ts'
import { applicationSide, openSandboxTime, type SandboxTime } from './sandbox-time.ts'
import { warmUp } from './warm-up.ts'
import { apiContext, openGround, openMigrated, startWork } from './wiring.ts'

type Sandbox = Awaited<ReturnType<typeof openSandbox>>

const say = (line: string) => process.stdout.write(`${line}\n`)

async function start(): Promise<void> {
  tuneEngine()
  const configuration = readConfiguration(readEnvironment((sentence) => void process.stderr.write(`${sentence}\n`)))
  if ('problems' in configuration) throw new StartRefusal(configuration.problems.join('\n'))
  if (process.argv.includes('--fresh')) emptyDataFolder(configuration.dataFolder)
  const logs = createLogs(
    configuration.logLevel,
    configuration.isSandboxOn ? (line) => void process.stderr.write(line) : undefined,
  )
  const ready: { application?: Answering } = {}
  const server = await listen(configuration, {
    fetch: (request, bindings) => ready.application?.fetch(request, bindings) ?? starting(),
    raw: (request, response) => ready.application?.raw?.(request, response) ?? false,
  })
  const publicUrl = configuration.publicUrl ?? server.origin
  say('Preparing the database')
  // Only an installation with sandboxes has a time that can be turned (SBX-40).
  const time = configuration.isSandboxOn ? openSandboxTime(`${configuration.dataFolder}/sandbox/clock.json`) : undefined
  const clock = time?.clock ?? systemClock
  const database = await openMigrated({ configuration, clock, logs })
  const sandbox = time && (await openSandbox(configuration, server.port, time))
  const ground = await openGround({
    database,
    configuration,
    clock,
    logs,
    publicUrl,
    sandboxUrl: sandbox?.url,
    platformKeys: platformKeysOf(configuration, sandbox?.keys),
  })
  const demo = sandbox && (await prepareDemo(ground.people))
  const work = configuration.isWorking ? await startWork(ground) : undefined
  const letGoOfTime = await time?.follow(ground)
  if (time && work) sandbox?.time.join(applicationSide(ground, work, time.clock))
  const context = apiContext(ground, new URL('../dist/', import.meta.url))
  const application = createAnswering(context)
  ready.application = { ...application, fetch: beforeReady(application) }
  const warmedUp = warmUp(context).then(() => void (ready.application = application))
  announce({ configuration, publicUrl, sandbox, demoSlug: demo?.slug })
  if (process.argv.includes('--dev')) await rebuildScreens()
  stopOnSignal(async () => {
    context.drain.mark()
    await new Promise((resolve) => setTimeout(resolve, configuration.shutdownDelayMs))
    await server.stop()
    await warmedUp
    await ground.receiver.settle()
    letGoOfTime?.()
    await work?.stop()
    await ground.people.settle()
    await sandbox?.close()
    await ground.database.close()
  })
}

function prepareDemo(people: Parameters<typeof makeDemoOperator>[0]) {
  say('Making the demo operator')
  return makeDemoOperator(people)
}

/** `npm run dev` restarts this process on every change of a source file; the screens are built anew each time. */
async function rebuildScreens(): Promise<void> {
  const { build } = await import('vite')
  await build({ logLevel: 'warn' })
  say('The screens are rebuilt. Reload the page.')
}

/** Everything is answered, but whoever asks whether this process may be given work is asked to wait. */
function beforeReady(application: Answering): Answering['fetch'] {
  return (request, bindings) =>
    new URL(request.url).pathname === '/readyz' ? starting() : application.fetch(request, bindings)
}

function starting(): Response {
  return new Response('Rentroll is starting.\n', {
    status: 503,
    headers: { 'Retry-After': '1', 'Content-Type': 'text/plain' },
  })
}

/** Without PORT the next free port is taken, and said; with PORT a taken one is a refusal (STK-28). */
async function listen(configuration: Configuration, answering: Answering): Promise<WebServer> {
  const { host, port, isPortFixed } = configuration
  for (let candidate = port; candidate < port + 20; candidate += 1) {
    try {
      const server = await startServer({ host, port: candidate, answering: () => answering })
      if (candidate !== port)
        say(`Port ${port} is in use, so Rentroll listens on ${candidate}. Set PORT to choose another.`)
      return server
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EACCES')
        throw new StartRefusal(`Port ${candidate} may not be used by this user. Set PORT to a number above 1023.`)
      if (code !== 'EADDRINUSE') throw error
      if (isPortFixed) throw new StartRefusal(`Port ${candidate} is in use. Set PORT to another number.`)
    }
  }
  throw new StartRefusal(`Ports ${port} to ${port + 19} are in use. Set PORT to another number.`)
}

/** The only place that knows the sandboxes exist (SBX-1). They refuse to stand beside the real Stripe (SBX-3). */
async function openSandbox(configuration: Configuration, applicationPort: number, time: SandboxTime) {
  if (configuration.stripeApiBase)
    throw new StartRefusal('RENTROLL_SANDBOX is on and STRIPE_API_BASE names another Stripe. Unset one of them.')
  const { CannotListen, startSandbox } = await import('../sandbox/index.ts')
  const folder = `${configuration.dataFolder}/sandbox`
  for (let port = configuration.sandboxPort ?? applicationPort + 1; ; port += 1) {
    try {
      return await startSandbox({ port, folder, clock: time.port })
    } catch (error) {
      if (!(error instanceof CannotListen)) throw error
      if (configuration.sandboxPort !== undefined || port > applicationPort + 20) throw new StartRefusal(error.message)
    }
  }
}

function announce(about: {
  configuration: Configuration
  publicUrl: string
  sandbox: Sandbox | undefined
  demoSlug: string | undefined
}): void {
  const { configuration, publicUrl, sandbox, demoSlug } = about
  say('')
  say(`Operator console   ${publicUrl}/`)
  if (demoSlug !== undefined) say(`Booking page       ${publicUrl}${openPath('book', { slug: demoSlug })}`)
  if (sandbox) {
    say(`Sandbox console    ${sandbox.url}/_sandbox`)
    say(`Mail               ${sandbox.url}/_sandbox/mail`)
    const [keys] = sandbox.keys.filter(({ mode }) => mode === 'test')
    const [, other] = sandbox.keys.filter(({ mode, account }) => mode === 'test' && account !== 'Platform')
    for (const set of [keys, other])
      if (set) say(`Test keys          ${set.account}: ${set.publishable}  ${set.secret}`)
  }
  say(
    `Data               ${configuration.databaseUrl ? 'PostgreSQL' : `${configuration.dataFolder} (built-in database: for demo and tests, it does not survive a power cut)`}`,
  )
  say('Stop with Ctrl+C')
}

function stopOnSignal(stop: () => Promise<void>): void {
  let isStopping = false
  const onSignal = () => {
    if (isStopping) process.exit(1)
    isStopping = true
    void stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${(error as Error).stack}\n`)
        process.exit(1)
      },
    )
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal)
}

start().catch((error: unknown) => {
  process.stderr.write(`${error instanceof StartRefusal ? error.message : (error as Error).stack}\n`)
  process.exit(1)
})
