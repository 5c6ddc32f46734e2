import { createRoute } from '@hono/zod-openapi'

export const listLeases = createRoute({ path: '/leases', method: 'get', 'x-permission': 'leases.read' })
export const cancelLease = createRoute({ path: '/leases/{id}/cancel', method: 'post', responses: {} })
