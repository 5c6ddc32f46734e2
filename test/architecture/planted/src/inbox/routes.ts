import { onPayment } from '#leases'
export const routes = { 'payment_intent.succeeded': onPayment }
