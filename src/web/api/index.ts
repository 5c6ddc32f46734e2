/**
 * The HTTP side: parses with zod, opens the scope, calls one deed and maps its outcome. Owns the gate in front of every operation, the
 * shape of problems, headers and limits, live updates, health, and the delivery of the built screens. A route holds no rule.
 */
export { createAnswering, type Api } from './api.ts'
export type { ApiContext } from './context.ts'
export { createMetrics } from './observe.ts'
export { createDrain, startServer, type Answering, type WebServer } from './server.ts'
