-- What was made for a request that carried a key (UI-36), so that the same request sent again makes nothing more. Kept for a day.
create table app.made_once (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  operation text not null,
  key uuid not null,
  wish_hash text not null,
  made uuid[] not null,
  kept_until timestamptz not null,
  primary key (operator_id, mode, operation, key)
);
select app.guard('app.made_once', 'replace');
