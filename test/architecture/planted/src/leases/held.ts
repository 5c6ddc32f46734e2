import type { Database } from '#platform'
export const held = (database: Database) => database.handle
