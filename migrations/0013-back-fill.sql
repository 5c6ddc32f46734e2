-- How far Stripe's news have been fetched by asking for them (STR-72), one row per connection. The run stands here after each page, so
-- that a death in the middle neither loses anything nor begins anew.
create table app.back_fills (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  connection_id uuid not null,
  -- Everything Stripe had up to here has been kept.
  watermark timestamptz not null,
  run_kind text check (run_kind in ('events', 'objects')),
  run_from timestamptz,
  run_until timestamptz,
  run_step integer,
  -- The last id of the page before; null at the beginning of a step.
  run_after text,
  last_polled_at timestamptz,
  -- Why objects are looked at instead of events; empty when events are.
  by_objects text not null default '' check (by_objects in ('', 'too_old', 'permission')),
  problem text not null default '',
  primary key (operator_id, mode, connection_id),
  constraint back_fills_connection foreign key (operator_id, mode, connection_id) references app.connections (operator_id, mode, id),
  constraint back_fills_run_whole check (num_nulls(run_kind, run_from, run_until, run_step) in (0, 4))
);
select app.guard('app.back_fills', 'write');
