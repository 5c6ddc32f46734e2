-- A test payment (UI-130) is an invoice of its own kind: it exists in test mode alone, belongs to no lease, and fixes no currency.
alter table app.invoices drop constraint invoices_kind_check;
alter table app.invoices add constraint invoices_kind_check
  check (kind in ('check_out', 'rent', 'check_in', 'manual', 'booking', 'late_fee', 'transfer', 'test'));
alter table app.invoices add constraint invoices_test_in_test_mode check (kind <> 'test' or mode = 'test');

-- The renter whom test payments are charged to, made with the first one and found again for the next.
create table app.test_payers (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  renter_id uuid not null,
  created_at timestamptz not null,
  primary key (operator_id, mode),
  constraint test_payers_in_test_mode check (mode = 'test'),
  constraint test_payers_renter foreign key (operator_id, mode, renter_id) references app.renters (operator_id, mode, id)
);
select app.guard('app.test_payers', 'append');
