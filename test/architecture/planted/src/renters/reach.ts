import { space } from '../spaces/index.ts'
import './deep/inside.ts'
export const reach = space
