-- Which of Stripe's two account APIs an account was made with (STR-30), and whether it has ever taken payments: the second API does not say
-- whether its owner once finished the form, so that an account that is held up later must not read as one that was never finished.
alter table app.connect_accounts
  add column api text not null default 'v1' check (api in ('v1', 'v2')),
  add column was_active boolean not null default false;
