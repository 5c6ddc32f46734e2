-- A CHECK whose list is not the list of src/leases/lease-state.ts.
create table app.leases (
  state text not null,
  constraint leases_state_known check (state in ('draft', 'active', 'cancelled'))
);
