-- Proving again who is there (TRU-78), the audit log (TRU-95, TRU-96), and the code that opens a resume link without signing in (STR-32).

-- How and when the person of a session last proved who they are: one row per way, so that a second factor is one row more (TRU-74).
-- `demo` is the button of the sandbox's demo operator; it proves as much as the password shown beside it.
create table auth.session_proofs (
  session_id uuid not null references auth.sessions (id) on delete cascade,
  method text not null,
  proven_at timestamptz not null,
  primary key (session_id, method),
  constraint session_proofs_method_known check (method in ('password', 'demo'))
);
grant select, insert, update, delete on auth.session_proofs to rentroll_auth;

-- The end of each operator's chain. Its row is locked by whoever adds an entry, so that numbers have no gaps.
create table app.audit_heads (
  operator_id uuid primary key,
  seq bigint not null,
  hash text not null,
  changed_at timestamptz not null
);
select app.guard('app.audit_heads', 'write');

-- Who changed what. Both modes stand in one chain: hence `scope_mode`, which row security does not look at.
create table app.audit_entries (
  operator_id uuid not null,
  seq bigint not null,
  at timestamptz not null,
  scope_mode text not null,
  actor_kind text not null,
  actor_id text not null,
  actor_name text not null,
  session_id text not null,
  ip_prefix text not null,
  action text not null,
  object_kind text not null,
  object_id text not null,
  values_before text not null,
  values_after text not null,
  request_id text not null,
  prev_hash text not null,
  hash text not null,
  primary key (operator_id, seq),
  constraint audit_entries_seq_positive check (seq >= 1),
  constraint audit_entries_mode_known check (scope_mode in ('test', 'live')),
  constraint audit_entries_actor_known check (actor_kind in ('person', 'visitor'))
);
create index audit_entries_of_actor on app.audit_entries (operator_id, actor_name, seq desc);
create index audit_entries_of_kind on app.audit_entries (operator_id, object_kind, seq desc);
select app.guard('app.audit_entries', 'append');

-- A code mailed to the owners for one link. Ten minutes, five tries, once; what it was exchanged for is kept as a hash as well.
create table app.resume_codes (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  link_id uuid not null,
  code_hash text not null,
  tries integer not null default 0,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  pass_hash text,
  pass_expires_at timestamptz,
  primary key (operator_id, mode, id),
  constraint resume_codes_tries_counted check (tries between 0 and 5),
  constraint resume_codes_link foreign key (operator_id, mode, link_id) references app.resume_links (operator_id, mode, id)
);
create index resume_codes_of_link on app.resume_codes (operator_id, mode, link_id, created_at desc);
select app.guard('app.resume_codes', 'write');
