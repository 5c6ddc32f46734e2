-- What an invoice comes to, is paid and still owes, in one place for lists, locks and invariants; then the checks of the books that
-- belong to billing (MON-14). A view of schema invariants that answers a row says the books are broken.
create index leases_renter_index on app.leases (operator_id, mode, renter_id);
create index leases_space_index on app.leases (operator_id, mode, space_id);
create index invoices_lease_index on app.invoices (operator_id, mode, lease_id);

create view app.invoice_figures with (security_invoker = true) as
  select invoice.*, renter.name as renter_name, renter.business_name as renter_business_name, renter.email as renter_email,
    space.id as space_id, space.number as space_number,
    sums.deposit_minor, sums.allocated_minor, sums.allocated_deposit_minor, sums.applied_credit_minor, sums.credited_minor,
    case when invoice.status in ('open', 'uncollectible')
      then invoice.total_minor - sums.allocated_minor - sums.applied_credit_minor else 0 end as open_minor
  from app.invoices invoice
  join app.renters renter on renter.operator_id = invoice.operator_id and renter.mode = invoice.mode and renter.id = invoice.renter_id
  left join app.leases lease on lease.operator_id = invoice.operator_id and lease.mode = invoice.mode and lease.id = invoice.lease_id
  left join app.spaces space on space.operator_id = lease.operator_id and space.id = lease.space_id
  cross join lateral (
    select
      (select coalesce(sum(line.total_minor), 0) from app.invoice_lines line
        where line.operator_id = invoice.operator_id and line.mode = invoice.mode and line.invoice_id = invoice.id
          and line.kind = 'deposit')::bigint as deposit_minor,
      (select coalesce(sum(allocation.amount_minor), 0) from app.allocations allocation
        where allocation.operator_id = invoice.operator_id and allocation.mode = invoice.mode
          and allocation.invoice_id = invoice.id)::bigint as allocated_minor,
      (select coalesce(sum(allocation.deposit_minor), 0) from app.allocations allocation
        where allocation.operator_id = invoice.operator_id and allocation.mode = invoice.mode
          and allocation.invoice_id = invoice.id)::bigint as allocated_deposit_minor,
      (select coalesce(sum(application.amount_minor), 0) from app.credit_applications application
        where application.operator_id = invoice.operator_id and application.mode = invoice.mode
          and application.invoice_id = invoice.id)::bigint as applied_credit_minor,
      (select coalesce(sum(note.total_minor), 0) from app.credit_notes note
        where note.operator_id = invoice.operator_id and note.mode = invoice.mode
          and note.invoice_id = invoice.id and note.status <> 'void')::bigint as credited_minor
  ) sums;
grant select on app.invoice_figures to rentroll_app;

create view app.allocation_figures with (security_invoker = true) as
  select allocation.*, exists (
    select from app.allocations reversal
    where reversal.operator_id = allocation.operator_id and reversal.mode = allocation.mode and reversal.reverses_id = allocation.id
  ) as is_reversed
  from app.allocations allocation;
grant select on app.allocation_figures to rentroll_app;
