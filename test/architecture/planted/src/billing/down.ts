import { space } from '#spaces'
export const down = space
