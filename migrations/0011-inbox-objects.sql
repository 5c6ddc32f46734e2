-- contract: the body of an event is keyed by the event's own id, and claims stand on the object instead of on each of its events.
-- Work is claimed by object, not by event (PERF-51): one row for each Stripe object with news that nobody has dealt with yet.
create table app.inbox_objects (
  connection_id uuid not null,
  object_kind text not null,
  object_id text not null,
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  source_account text not null,
  due_at timestamptz not null,
  -- Raised by every event: what came while the object was being read causes one more pass.
  version bigint not null default 1,
  -- How often it was taken since its work last came to an orderly end.
  tries integer not null default 0,
  claim uuid,
  claimed_at timestamptz,
  claimed_until timestamptz,
  primary key (connection_id, object_kind, object_id),
  constraint inbox_objects_claim_whole check ((claim is null) = (claimed_until is null))
);
create index inbox_objects_turn on app.inbox_objects (operator_id, due_at);
grant select, insert, update, delete on app.inbox_objects to rentroll_app;

insert into app.inbox_objects (connection_id, object_kind, object_id, operator_id, mode, source_account, due_at)
  select connection_id, object_kind, object_id, operator_id, mode, min(source_account), min(next_attempt_at) from app.inbox_events
  where state in ('received', 'processing', 'retry', 'parked') and connection_id is not null and operator_id is not null
  group by connection_id, object_kind, object_id, operator_id, mode;
update app.inbox_events set state = 'received' where state = 'processing';

-- Which endpoint of ours it came by: an operator's own, or one of the two of the installation.
alter table app.inbox_events add column endpoint text not null default 'own' check (endpoint in ('own', 'platform', 'connect'));
drop index app.inbox_events_waiting;
create index inbox_events_waiting on app.inbox_events (connection_id, object_id) where state in ('received', 'retry', 'parked', 'processing');
-- News about an account nobody has connected yet (STR-68).
create index inbox_events_ownerless on app.inbox_events (source_account) where state = 'parked' and connection_id is null;
alter table app.inbox_events drop column claimed_until;

create table app.inbox_bodies (
  id uuid primary key,
  body bytea not null,
  received_at timestamptz not null
);
grant select, insert, delete on app.inbox_bodies to rentroll_app;
insert into app.inbox_bodies (id, body, received_at)
  select e.id, p.body, p.received_at from app.inbox_payloads p
  join app.inbox_events e on e.source_account = p.source_account and e.mode = p.mode and e.event_id = p.event_id;
drop table app.inbox_payloads;
-- Where the server can: a quarter of the work of its older way to make 4 KB small.
do $$ begin
  alter table app.inbox_bodies alter column body set compression lz4;
exception when feature_not_supported then null;
end $$;
