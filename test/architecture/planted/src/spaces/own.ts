import { space } from '#spaces'
export const own = space
