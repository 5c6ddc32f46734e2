-- Refunds that wait for funds (STR-109): what the requester chose, what the balance was when it was last looked at, and when it is expected
-- to suffice. The date is Stripe's own (STR-98); empty while not enough is on its way, or while the balance could not be read.
alter table app.refunds
  add column when_short text not null default 'wait',
  add column funds_available_minor bigint,
  add column funds_ahead_minor bigint not null default 0,
  add column funds_expected_at timestamptz,
  add column funds_seen_at timestamptz,
  add constraint refunds_when_short_known check (when_short in ('wait', 'send')),
  add constraint refunds_funds_seen check (funds_seen_at is not null or (funds_available_minor is null and funds_expected_at is null));

-- Few refunds are ever short of funds, and they are looked for all the time.
create index refunds_short_of_funds on app.refunds (operator_id, mode, id)
  where state = 'waiting_funds' or (state = 'pending' and pending_reason = 'insufficient_funds');
create index refunds_unfinished on app.refunds (operator_id, mode, id) where state not in ('succeeded', 'failed', 'canceled');
