import '#kernel'
export const requiredEvents = ['charge.refunded', 'payment_intent.succeeded'] as const
