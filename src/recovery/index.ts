/**
 * What deliveries did not bring. This module owns how far each connection has been asked for its events, the fetching itself, and what
 * staff see of it. It holds no rule about money: what it finds goes into the inbox as a delivery would, or to the reaction that news
 * would have woken.
 */
export { planBackFill } from './back-fill.ts'
export { followPaymentNews } from './follow-payment-news.ts'
export { recoveryHandlers, recoveryJobs } from './jobs.ts'
export { addMissedEvents, previewMissedEvents, readCatchUp, type CatchUp, type MissedEvents } from './missed-events.ts'
