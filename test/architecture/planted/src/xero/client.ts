import type { Id } from '#kernel'
export const header = (id: Id) => ({ 'xero-tenant-id': id })
