-- What a person decided about an event that needs one (UI-154): it stays where it rests, and no longer counts.
alter table app.inbox_events
  add column dismissed_at timestamptz,
  add column dismissed_note text not null default '',
  add column dismissed_by text not null default '';

-- Few rows are ever in these states, so the road of an ordinary delivery does not touch it (UI-153).
create index inbox_events_needing_care on app.inbox_events (operator_id, mode, state, received_at)
  where state in ('retry', 'parked', 'dead', 'quarantined');
