-- People, their sessions and where they work (TRU-61). Nobody but rentroll_auth reads or writes here, and no business row stands here.
-- users, sessions and accounts have the shape the sign-in library expects, in our spelling of the columns.
create table auth.users (
  id uuid primary key,
  name text not null check (length(name) between 1 and 120),
  email text not null check (email = lower(email) and length(email) <= 254),
  email_verified boolean not null,
  image text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint users_email_unique unique (email)
);

create table auth.sessions (
  id uuid primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  token text not null,
  expires_at timestamptz not null,
  ip_address text,
  user_agent text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint sessions_token_unique unique (token)
);
create index sessions_of_user on auth.sessions (user_id);

create table auth.accounts (
  id uuid primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  account_id text not null,
  provider_id text not null,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  password text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint accounts_once unique (provider_id, account_id)
);
create index accounts_of_user on auth.accounts (user_id);

-- The operator's own row is in schema app, which this role does not see: hence no foreign key.
create table auth.memberships (
  user_id uuid not null references auth.users (id) on delete cascade,
  operator_id uuid not null,
  role text not null,
  created_at timestamptz not null,
  primary key (user_id, operator_id),
  constraint memberships_role_known check (role in ('owner', 'admin', 'billing', 'front_desk'))
);
create index memberships_of_operator on auth.memberships (operator_id);

-- Mailed links. Only the hash of the token is kept (TRU-10). A sign-up waits here until its address is confirmed; the ids the person
-- and the operator will get are drawn with it, so that a confirmation broken off half-way can be repeated. The row of an address
-- nobody may use is written all the same, spent from the start, so that both cases take the same work (TRU-71).
create table auth.links (
  token_hash text primary key,
  purpose text not null,
  email text not null,
  user_id uuid not null,
  operator_id uuid,
  name text,
  slug text,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  constraint links_purpose_known check (purpose in ('sign_up', 'reset_password')),
  constraint links_sign_up_complete check (purpose <> 'sign_up' or (operator_id is not null and name is not null and slug is not null))
);
create index links_of_address on auth.links (email, created_at);

-- Failed sign-ins by account and by network, kept over a restart (TRU-77, TRU-112).
create table auth.sign_in_failures (
  key_hash text primary key,
  failures integer not null,
  last_failed_at timestamptz not null,
  blocked_until timestamptz not null
);

grant select, insert, update, delete on all tables in schema auth to rentroll_auth;
