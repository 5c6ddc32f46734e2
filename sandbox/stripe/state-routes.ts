/** The state as a file: GET /_sandbox/export, POST /_sandbox/import (SBX-4). Mails are no part of it. */
import { json } from '../http.ts'
import type { Route } from '../http.ts'
import { ControlRefused, controlRoute } from './control-input.ts'
import type { RunningSandbox } from './stripe-sandbox.ts'
import { ImportRefused, exportState } from './world/export.ts'

export function stateRoutes(sandbox: RunningSandbox): Route[] {
  return [
    controlRoute('GET', '/export', () => ({
      status: 200,
      headers: {
        'content-type': 'application/x-ndjson',
        'content-disposition': 'attachment; filename="stripe-sandbox.ndjson"',
      },
      body: exportState(sandbox.world),
    })),
    controlRoute('POST', '/import', (request) => {
      try {
        return json(sandbox.importState(request.body))
      } catch (error) {
        if (error instanceof ImportRefused) throw new ControlRefused(error.message)
        throw error
      }
    }),
  ]
}
