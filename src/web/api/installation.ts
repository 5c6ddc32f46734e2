/**
 * Administration → Installation (UI-112): what belongs to no operator, for whoever runs the installation (TRU-90). Everybody else is answered
 * 404, by the gate. What surprises: no operation here tells anything of an operator but its name, and none shows what an event carried. Those
 * that change something ask once more who is there, and stand in the audit log of every workspace of whoever did it.
 */
import { publicId } from '#kernel'
import { dismissOwnerlessLetter, listOwnerlessLetters, replayOwnerless } from '#inbox'
import {
  askInstallation,
  followTroubles,
  installationKinds,
  modes,
  readStanding,
  repairInstallation,
  rotateEndpoint,
} from '#installation'
import { listOperatorRegister, noteOfPerson, type PersonalNote } from '#operators'
import { createRoute, z } from '@hono/zod-openapi'
import { getVisit, idOf, jsonAnswer, jsonBody, publicApp, type ApiContext } from './context.ts'
import { installationAnswer, letterView, modeView, type InstallationAnswer } from './installation-view.ts'
import { checkHealth } from './observe.ts'
import { getFound, getValue } from './problems.ts'

const changedAnswer = z.strictObject({ changes: z.array(z.string()), installation: installationAnswer })
const changed = { 200: jsonAnswer(changedAnswer, 'What was changed, and the installation as it stands now.') }
const answer = { 200: jsonAnswer(installationAnswer, 'The installation as it stands now.') }
const inMode = z.strictObject({ mode: z.enum(modes) })
const oneEndpoint = inMode.extend({ kind: z.enum(installationKinds) })
const oneLetter = z.strictObject({ letterId: idOf('inboxEvent') })

const readRoute = createRoute({
  method: 'get',
  path: '/installation',
  'x-permission': 'installation',
  responses: answer,
})
const checkRoute = createRoute({
  method: 'post',
  path: '/installation/{mode}/check',
  'x-permission': 'installation',
  request: { params: inMode },
  responses: answer,
})
const repairRoute = createRoute({
  method: 'post',
  path: '/installation/{mode}/repair',
  'x-permission': 'installation_change',
  request: { params: inMode },
  responses: changed,
})
const rotateRoute = createRoute({
  method: 'post',
  path: '/installation/{mode}/endpoints/{kind}/rotate',
  'x-permission': 'installation_change',
  request: { params: oneEndpoint },
  responses: changed,
})
const replayRoute = createRoute({
  method: 'post',
  path: '/installation/dead-letters/{letterId}/replay',
  'x-permission': 'installation_change',
  request: { params: oneLetter },
  responses: changed,
})
const note = z.string().trim().min(1, 'Enter a note: why nobody has to act on it.').max(500)
const dismissRoute = createRoute({
  method: 'post',
  path: '/installation/dead-letters/{letterId}/dismiss',
  'x-permission': 'installation_change',
  request: { params: oneLetter, body: jsonBody(z.strictObject({ note })) },
  responses: answer,
})

export function installationRoutes(context: ApiContext) {
  const view = () => readView(context)
  return publicApp()
    .openapi(readRoute, async (c) => c.json(await view(), 200))
    .openapi(checkRoute, async (c) => {
      const { mode } = c.req.valid('param')
      await askInstallation(context.installation, mode)
      await followTroubles(context.installation, mode)
      return c.json(await view(), 200)
    })
    .route('/', deeds(context))
}

/** What changes something. */
function deeds(context: ApiContext) {
  const { database, installation, people } = context
  const view = () => readView(context)
  const write = (c: Parameters<typeof getVisit>[0], about: PersonalNote) =>
    noteOfPerson(people, getVisit(c).person, about)
  const letter = (id: string) => ({ kind: 'event', id: publicId('inboxEvent', id) })
  return publicApp()
    .openapi(repairRoute, async (c) => {
      const { mode } = c.req.valid('param')
      const { changes } = getValue(await repairInstallation(installation, mode))
      await write(c, { action: 'installation.repaired', object: { kind: 'installation', id: mode } })
      return c.json({ changes: [...changes], installation: await view() }, 200)
    })
    .openapi(rotateRoute, async (c) => {
      const { mode, kind } = c.req.valid('param')
      const { oldEndsAt } = getValue(await rotateEndpoint(installation, { mode, kind }))
      await write(c, { action: 'installation.secret_rotated', object: { kind: 'installation', id: `${mode} ${kind}` } })
      await askInstallation(installation, mode)
      const until = oldEndsAt ? 'The secret known before is accepted for 24 hours more.' : 'There was no secret before.'
      const changes = [`A second endpoint at Stripe took over, with all events and a new secret. ${until}`]
      return c.json({ changes, installation: await view() }, 200)
    })
    .openapi(replayRoute, async (c) => {
      const { letterId } = c.req.valid('param')
      const state = getValue(getFound(await replayOwnerless(database, letterId), 'dead letter'))
      await write(c, { action: 'event.replayed', object: letter(letterId), after: { state } })
      context.wakeInbox()
      const changes = [
        state === 'received'
          ? 'Somebody has connected its account meanwhile; the event was given to them.'
          : 'Nobody has connected its account yet. It waits for 24 hours more.',
      ]
      return c.json({ changes, installation: await view() }, 200)
    })
    .openapi(dismissRoute, async (c) => {
      const about = { id: c.req.valid('param').letterId, actor: getVisit(c).person.name, ...c.req.valid('json') }
      getValue(getFound(await dismissOwnerlessLetter(database, about), 'dead letter'))
      await write(c, { action: 'event.dismissed', object: letter(about.id), after: { note: about.note } })
      return c.json(await view(), 200)
    })
}

async function readView(context: ApiContext): Promise<InstallationAnswer> {
  const { database, clock, jobs, installation } = context
  const now = clock.now()
  const standings = await Promise.all(modes.map((mode) => readStanding(installation, mode)))
  const { isBusy, waiting } = await jobs.outlook()
  const wallNow = clock.wallTimeOf(now).getTime()
  const { letters, count } = await listOwnerlessLetters(database)
  const register = await listOperatorRegister(database)
  return {
    now: now.toISOString(),
    version: installation.version,
    address: context.publicUrl,
    modes: await Promise.all(standings.map((standing) => modeView(context, standing))),
    operators: register.map(({ name, slug, createdAt }) => ({ name, slug, since: createdAt.toISOString() })),
    work: {
      isBusy,
      waiting: waiting
        .map(({ name, startAfter }) => ({ name, lateSeconds: Math.round((wallNow - startAfter.getTime()) / 1000) }))
        .toSorted((one, other) => other.lateSeconds - one.lateSeconds),
    },
    deadLetters: { rows: letters.map(letterView), count },
    health: await checkHealth(context),
  }
}
