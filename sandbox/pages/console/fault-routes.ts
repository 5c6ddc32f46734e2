/** Buttons of the faults page. What they do is what `POST` and `DELETE /_sandbox/faults` do for programs. */
import { redirect } from '../../http.ts'
import type { Route, SandboxReply, SandboxRequest } from '../../http.ts'
import { FaultRefused } from '../../stripe/faults/fields.ts'
import { ownPagesOnly, readForm } from '../form.ts'
import type { ConsoleSandbox } from './console-page.ts'
import { readFaultForm } from './fault-form.ts'
import { FAULT_PRESETS } from './fault-presets.ts'
import { faultsPage } from './faults-page.ts'

const PAGE = '/_sandbox/faults'

export function faultRoutes(stripe: ConsoleSandbox): Route[] {
  return [
    { method: 'GET', pattern: PAGE, handle: () => faultsPage(stripe) },
    ownPagesOnly({ method: 'POST', pattern: `${PAGE}/arm`, handle: (request) => arm(stripe, request) }),
    ownPagesOnly({ method: 'POST', pattern: `${PAGE}/clear`, handle: () => clear(stripe) }),
    ownPagesOnly({ method: 'POST', pattern: `${PAGE}/:id/clear`, handle: (_, { id }) => clear(stripe, id) }),
  ]
}

function arm(stripe: ConsoleSandbox, request: SandboxRequest): SandboxReply {
  const form = readForm(request)
  const preset = FAULT_PRESETS.find(({ name }) => name === form.get('preset'))
  try {
    stripe.faults.arm(preset?.fault ?? readFaultForm(form))
  } catch (error) {
    if (error instanceof FaultRefused) return faultsPage(stripe, { refusal: error.message, typed: form })
    throw error
  }
  return redirect(PAGE)
}

function clear(stripe: ConsoleSandbox, faultId?: string): SandboxReply {
  stripe.faults.clear(faultId)
  return redirect(PAGE)
}
