export { money } from '../src/kernel/index.ts'
