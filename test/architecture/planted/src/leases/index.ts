export { leaseStates } from './lease-state.ts'
