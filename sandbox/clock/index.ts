/** The clock that a person can turn, for the sandbox and for whoever was started with it (SBX-38, SBX-39). */
export { ownClock } from './clock.ts'
export type { ClockSide, SandboxClock } from './clock.ts'
export { clockRoutes } from './clock-routes.ts'
export { TimeControl } from './time-control.ts'
export type { ClockView, ClockWish } from './time-control.ts'
