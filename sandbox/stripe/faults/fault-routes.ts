/** `/_sandbox/faults` for programs (SBX-41): arm, list, end, and the log of hits. Wrong input is refused where it is read. */
import { json } from '../../http.ts'
import type { Method, SandboxReply } from '../../http.ts'
import { describeFault } from './faults.ts'
import type { Faults } from './faults.ts'

interface Asked {
  /** The JSON body. Throws when it is none. */
  readonly given: () => unknown
  /** The `:id` of the path. */
  readonly id: string
}

interface FaultRoute {
  readonly method: Method
  readonly path: string
  readonly answer: (asked: Asked) => SandboxReply
}

export function faultRoutes(faults: Faults): readonly FaultRoute[] {
  return [
    { method: 'GET', path: '/faults', answer: () => json(faults.list().map(describeFault)) },
    { method: 'POST', path: '/faults', answer: ({ given }) => json(describeFault(faults.arm(given())), 201) },
    { method: 'DELETE', path: '/faults', answer: () => json({ cleared: faults.clear() }) },
    { method: 'GET', path: '/faults/hits', answer: () => json(faults.listHits(1000)) },
    { method: 'GET', path: '/faults/:id', answer: ({ id }) => show(faults, id) },
    { method: 'DELETE', path: '/faults/:id', answer: ({ id }) => end(faults, id) },
  ]
}

function show(faults: Faults, id: string): SandboxReply {
  const fault = faults.list().find((one) => one.id === id)
  return fault === undefined ? unknown() : json(describeFault(fault))
}

function end(faults: Faults, id: string): SandboxReply {
  return faults.clear(id) === 0 ? unknown() : json({ cleared: id })
}

function unknown(): SandboxReply {
  return json({ error: 'There is no such fault.' }, 404)
}
