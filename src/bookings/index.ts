/**
 * Bookings: what a visitor without an account meets at an operator's public address. So far it owns the page itself: which spaces stand on
 * it at which prices, and whether paid bookings are open. Short stays and holds will stand here.
 */
export { readBookingPage, type BookingPage } from './booking-page.ts'
export { readOpening, type Opening } from './opening.ts'
