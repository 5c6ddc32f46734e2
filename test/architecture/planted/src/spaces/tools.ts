import type { Databases } from '#test/databases'
export type Tools = Databases
