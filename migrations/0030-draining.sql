-- Leaving a Stripe account without losing what is under way (STR-25 to STR-27).

-- While one connection drains, another of its kind may stand beside it.
drop index app.connections_one_per_kind;
create unique index connections_one_per_kind on app.connections (operator_id, mode, kind)
  where state not in ('disconnecting', 'disconnected');
-- Since when an account that was away is back: a method saved in it counts once it was looked at after that (STR-38).
alter table app.connections add column revived_at timestamptz;
alter table app.saved_methods add column looked_at timestamptz;
-- Written before Stripe is asked to close the page on which a method is being saved.
alter table app.setups add column closing_at timestamptz;

create table app.drainings (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  connection_id uuid not null,
  begun_by text not null,
  begun_at timestamptz not null,
  -- Then it ends, whatever is left.
  ends_at timestamptz not null,
  finish_asked_by text,
  finish_asked_at timestamptz,
  -- Written before endpoint and secrets go; from here on it is only carried to its end.
  closing_at timestamptz,
  ended_at timestamptz,
  outcome text,
  -- What had not ended when the secrets went: to be looked up in Stripe.
  left_over jsonb not null default '[]',
  primary key (operator_id, mode, id),
  constraint drainings_connection foreign key (operator_id, mode, connection_id) references app.connections (operator_id, mode, id),
  constraint drainings_outcome_known check (outcome in ('drained', 'finished_early', 'time_over', 'resumed', 'left')),
  constraint drainings_outcome_at_end check ((outcome is null) = (ended_at is null))
);
create unique index drainings_one_under_way on app.drainings (operator_id, mode, connection_id) where ended_at is null;
select app.guard('app.drainings', 'write');

-- Who was asked for a new payment method after the account changed: once for each draining (STR-25).
create table app.method_requests (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  draining_id uuid not null,
  renter_id uuid not null,
  asked_by text not null,
  asked_at timestamptz not null,
  primary key (operator_id, mode, draining_id, renter_id),
  constraint method_requests_draining foreign key (operator_id, mode, draining_id) references app.drainings (operator_id, mode, id),
  constraint method_requests_renter foreign key (operator_id, mode, renter_id) references app.renters (operator_id, mode, id)
);
select app.guard('app.method_requests', 'append');

-- A link may also lead to saving a payment method; its object is the renter then.
alter table app.links drop constraint links_purpose_check;
alter table app.links add constraint links_purpose_known check (purpose in ('pay', 'method'));
