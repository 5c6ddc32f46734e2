-- Invoices, their lines, deposits, credit notes and voids. A finalised document never changes (BIL-53); `void` cannot be written
-- without the command that told the books (MON-54).
create table app.void_commands (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  invoice_id uuid not null,
  reason text not null check (length(reason) between 1 and 500),
  actor text not null,
  books_step text not null,
  outbox_id uuid,
  created_at timestamptz not null,
  primary key (operator_id, mode, id),
  constraint void_commands_once unique (operator_id, mode, invoice_id),
  constraint void_commands_books_step check (books_step in ('not_connected', 'not_pushed') or outbox_id is not null)
);
select app.guard('app.void_commands', 'append');

create table app.invoices (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  kind text not null check (kind in ('check_out', 'rent', 'check_in', 'manual', 'booking', 'late_fee', 'transfer')),
  status text not null,
  number text,
  number_seq bigint,
  renter_id uuid not null,
  lease_id uuid,
  location_id uuid not null,
  currency text not null,
  issue_on date not null,
  due_on date not null,
  charge_on date,
  subtotal_minor bigint not null,
  tax_minor bigint not null,
  total_minor bigint not null check (total_minor >= 0),
  seller jsonb not null default '{}',
  buyer jsonb not null default '{}',
  stripe_payment_intent_id text,
  void_command_id uuid,
  finalised_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (operator_id, mode, id),
  constraint invoices_number_unique unique (operator_id, mode, number),
  constraint invoices_pi_not_checkout_session check (stripe_payment_intent_id is null or stripe_payment_intent_id ~ '^pi_[A-Za-z0-9_]+$'),
  constraint invoices_status_known check (status in ('draft', 'open', 'paid', 'void', 'uncollectible', 'deleted')),
  constraint invoices_numbered check (status in ('draft', 'deleted') or number is not null),
  constraint invoices_void_told_the_books check (status <> 'void' or void_command_id is not null),
  constraint invoices_void_command foreign key (operator_id, mode, void_command_id) references app.void_commands (operator_id, mode, id),
  constraint invoices_renter foreign key (operator_id, mode, renter_id) references app.renters (operator_id, mode, id),
  constraint invoices_lease foreign key (operator_id, mode, lease_id) references app.leases (operator_id, mode, id),
  constraint invoices_location foreign key (operator_id, location_id) references app.locations (operator_id, id)
);
create index invoices_due on app.invoices (operator_id, mode, due_on desc, id desc);
create index invoices_renter_index on app.invoices (operator_id, mode, renter_id);
select app.guard('app.invoices', 'write');

create table app.invoice_lines (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  invoice_id uuid not null,
  line_no integer not null,
  kind text not null check (kind in ('rent', 'add_on', 'one_off', 'booking', 'deposit', 'deposit_retained', 'damage', 'late_fee', 'adjustment', 'discount', 'refund', 'other')),
  description text not null,
  quantity numeric(14, 4) not null default 1,
  unit_minor bigint not null,
  net_minor bigint not null,
  tax_minor bigint not null,
  total_minor bigint not null,
  tax_rate_id uuid,
  tax_name text not null default '',
  tax_percent numeric(7, 4) not null default 0,
  tax_treatment text not null default 'out_of_scope',
  lease_id uuid,
  service_start date,
  service_end date,
  formula jsonb,
  is_voided boolean not null default false,
  primary key (operator_id, mode, invoice_id, line_no),
  constraint invoice_lines_add_up check (total_minor = net_minor + tax_minor),
  constraint invoice_lines_invoice foreign key (operator_id, mode, invoice_id) references app.invoices (operator_id, mode, id),
  constraint invoice_lines_lease foreign key (operator_id, mode, lease_id) references app.leases (operator_id, mode, id)
);
create unique index invoice_lines_period_once on app.invoice_lines (operator_id, mode, lease_id, service_start, kind)
  where kind = 'rent' and lease_id is not null and not is_voided;
select app.guard('app.invoice_lines', 'write');

create table app.deposits (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  lease_id uuid not null,
  invoice_id uuid not null,
  currency text not null,
  required_minor bigint not null check (required_minor > 0),
  created_at timestamptz not null,
  primary key (operator_id, mode, id),
  constraint deposits_lease_once unique (operator_id, mode, lease_id),
  constraint deposits_lease foreign key (operator_id, mode, lease_id) references app.leases (operator_id, mode, id),
  constraint deposits_invoice foreign key (operator_id, mode, invoice_id) references app.invoices (operator_id, mode, id)
);
select app.guard('app.deposits', 'append');

create table app.credit_notes (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  number text not null,
  number_seq bigint not null,
  invoice_id uuid not null,
  renter_id uuid not null,
  origin text not null check (origin in ('unused_rent', 'correction', 'cancellation', 'overpayment_conversion', 'refund_failed', 'goodwill', 'fee_waived')),
  status text not null,
  reason text not null check (length(reason) between 1 and 500),
  currency text not null,
  net_minor bigint not null,
  tax_minor bigint not null,
  total_minor bigint not null check (total_minor > 0),
  issue_on date not null,
  created_by text not null,
  created_at timestamptz not null,
  primary key (operator_id, mode, id),
  constraint credit_notes_number_unique unique (operator_id, mode, number),
  constraint credit_notes_status_known check (status in ('draft', 'open', 'settled', 'void')),
  constraint credit_notes_invoice foreign key (operator_id, mode, invoice_id) references app.invoices (operator_id, mode, id),
  constraint credit_notes_renter foreign key (operator_id, mode, renter_id) references app.renters (operator_id, mode, id)
);
create index credit_notes_of_invoice on app.credit_notes (operator_id, mode, invoice_id);
select app.guard('app.credit_notes', 'write');

create table app.credit_note_lines (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  credit_note_id uuid not null,
  line_no integer not null,
  invoice_id uuid not null,
  invoice_line_no integer not null,
  net_minor bigint not null,
  tax_minor bigint not null,
  total_minor bigint not null check (total_minor > 0),
  primary key (operator_id, mode, credit_note_id, line_no),
  constraint credit_note_lines_note foreign key (operator_id, mode, credit_note_id) references app.credit_notes (operator_id, mode, id),
  constraint credit_note_lines_line foreign key (operator_id, mode, invoice_id, invoice_line_no) references app.invoice_lines (operator_id, mode, invoice_id, line_no)
);
select app.guard('app.credit_note_lines', 'append');

-- Credit used on an invoice (P5); what the invoice is owed goes down by it.
create table app.credit_applications (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  credit_note_id uuid not null,
  invoice_id uuid not null,
  amount_minor bigint not null check (amount_minor > 0),
  created_at timestamptz not null,
  primary key (operator_id, mode, id),
  constraint credit_applications_note foreign key (operator_id, mode, credit_note_id) references app.credit_notes (operator_id, mode, id),
  constraint credit_applications_invoice foreign key (operator_id, mode, invoice_id) references app.invoices (operator_id, mode, id)
);
create index credit_applications_of_invoice on app.credit_applications (operator_id, mode, invoice_id);
select app.guard('app.credit_applications', 'append');
