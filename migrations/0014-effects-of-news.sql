-- What Stripe's news say beside the money itself: the receipt of a charge, the invoice at Stripe a payment was made for, methods that
-- can no longer be used, and warnings about a payment.
alter table app.payments add column receipt_url text check (receipt_url ~ '^https?://');
alter table app.payments add column stripe_invoice_id text check (stripe_invoice_id ~ '^in_[A-Za-z0-9_]+$');

-- Automatic charges wait because the renter's method was taken away in Stripe; the sentence is shown to staff, a new method ends it.
alter table app.renters add column autopay_paused_reason text;

-- Deleted in Stripe: never used again, and the next one takes its place.
alter table app.renter_customers add column is_deleted boolean not null default false;
grant update (stripe_customer_id, is_deleted) on app.renter_customers to rentroll_app;

create table app.payment_flags (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  payment_id uuid not null,
  kind text not null check (kind in ('fraud_warning')),
  stripe_id text not null check (stripe_id ~ '^issfr_[A-Za-z0-9_]+$'),
  detail text not null default '',
  is_open boolean not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (operator_id, mode, id),
  constraint payment_flags_once unique (operator_id, mode, payment_id, stripe_id),
  constraint payment_flags_payment foreign key (operator_id, mode, payment_id) references app.payments (operator_id, mode, id)
);
select app.guard('app.payment_flags', 'write');
