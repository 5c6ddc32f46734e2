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

-- What the ledger says an invoice is owed equals what its documents say, is never negative, and is nothing once it is paid or void.
create view invariants.i06_receivable with (security_invoker = true) as
  select operator_id, mode, subject, expected::text, actual::text, detail from (
    select invoice.operator_id, invoice.mode, coalesce(invoice.number, invoice.id::text) as subject, invoice.status as detail,
      case when invoice.status in ('draft', 'deleted', 'void') then 0
        else invoice.total_minor - invoice.allocated_minor - invoice.applied_credit_minor end as expected,
      coalesce(balance.balance_minor, 0) as actual
    from app.invoice_figures invoice
    left join app.ledger_balances balance on balance.operator_id = invoice.operator_id and balance.mode = invoice.mode
      and balance.currency = invoice.currency and balance.account = 'receivable' and balance.subject_kind = 'invoice'
      and balance.subject_id = invoice.id::text
  ) compared
  where actual <> expected or actual < 0 or (detail in ('paid', 'void') and actual <> 0);

-- Money received is on invoices, paid back, or still the renter's; money not received is nowhere.
create view invariants.i07_payment_split with (security_invoker = true) as
  select operator_id, mode, subject, expected::text, actual::text, detail from (
    select payment.operator_id, payment.mode, payment.id::text as subject, payment.state as detail,
      case when payment.state = 'succeeded' then payment.amount_minor else 0 end as expected,
      (select coalesce(sum(allocation.amount_minor), 0) from app.allocations allocation
        where allocation.operator_id = payment.operator_id and allocation.mode = payment.mode and allocation.payment_id = payment.id)
      + (select coalesce(sum(refund.unapplied_minor), 0) from app.refunds refund
        where refund.operator_id = payment.operator_id and refund.mode = payment.mode and refund.payment_id = payment.id
          and refund.state not in ('failed', 'canceled'))
      - coalesce((select balance.balance_minor from app.ledger_balances balance
        where balance.operator_id = payment.operator_id and balance.mode = payment.mode and balance.currency = payment.currency
          and balance.account = 'unapplied_payments' and balance.subject_kind = 'payment'
          and balance.subject_id = payment.id::text), 0) as actual
    from app.payments payment
  ) compared
  where actual <> expected;

-- A deposit is charged until it is paid and held until it is given back or used.
create view invariants.i09_deposit with (security_invoker = true) as
  select operator_id, mode, subject, expected::text, actual::text, detail from (
    select deposit.operator_id, deposit.mode, deposit.id::text as subject, side.account as detail,
      case when side.account = 'deposits_held' then invoice.allocated_deposit_minor - (
          select coalesce(sum(refund.deposit_minor), 0) from app.refunds refund
          where refund.operator_id = deposit.operator_id and refund.mode = deposit.mode and refund.deposit_id = deposit.id
            and refund.state not in ('failed', 'canceled'))
        when invoice.status in ('draft', 'deleted', 'void') then 0
        else deposit.required_minor - invoice.allocated_deposit_minor end as expected,
      -coalesce(balance.balance_minor, 0) as actual
    from app.deposits deposit
    join app.invoice_figures invoice on invoice.operator_id = deposit.operator_id and invoice.mode = deposit.mode
      and invoice.id = deposit.invoice_id
    cross join (values ('deposits_charged'), ('deposits_held')) side (account)
    left join app.ledger_balances balance on balance.operator_id = deposit.operator_id and balance.mode = deposit.mode
      and balance.currency = deposit.currency and balance.account = side.account and balance.subject_kind = 'deposit'
      and balance.subject_id = deposit.id::text
  ) compared
  where actual <> expected or actual < 0;

-- What a credit note has left equals what the ledger holds for it.
create view invariants.i10_credit_note with (security_invoker = true) as
  select operator_id, mode, subject, expected::text, actual::text, '' as detail from (
    select note.operator_id, note.mode, note.number as subject,
      case when note.status in ('draft', 'void') then 0 else note.total_minor
        - (select coalesce(sum(application.amount_minor), 0) from app.credit_applications application
          where application.operator_id = note.operator_id and application.mode = note.mode and application.credit_note_id = note.id)
        - (select coalesce(sum(refund.credit_minor), 0) from app.refunds refund
          where refund.operator_id = note.operator_id and refund.mode = note.mode and refund.credit_note_id = note.id
            and refund.state not in ('failed', 'canceled')) end as expected,
      -coalesce(balance.balance_minor, 0) as actual
    from app.credit_notes note
    left join app.ledger_balances balance on balance.operator_id = note.operator_id and balance.mode = note.mode
      and balance.currency = note.currency and balance.account = 'unapplied_credit_notes' and balance.subject_kind = 'credit_note'
      and balance.subject_id = note.id::text
  ) compared
  where actual <> expected or actual < 0;

create view invariants.i11_refund_cap with (security_invoker = true) as
  select payment.operator_id, payment.mode, payment.id::text as subject, '<= ' || payment.amount_minor as expected,
    sum(refund.amount_minor)::text as actual, payment.currency as detail
  from app.payments payment
  join app.refunds refund on refund.operator_id = payment.operator_id and refund.mode = payment.mode and refund.payment_id = payment.id
  where refund.state not in ('failed', 'canceled')
  group by payment.operator_id, payment.mode, payment.id, payment.amount_minor, payment.currency
  having sum(refund.amount_minor) > payment.amount_minor;

create view invariants.i12_captures_cap with (security_invoker = true) as
  select operator_id, mode, coalesce(number, id::text) as subject, '<= ' || total_minor as expected,
    (allocated_minor + applied_credit_minor)::text as actual, currency as detail
  from app.invoice_figures
  where allocated_minor + applied_credit_minor > total_minor or allocated_minor < 0 or allocated_deposit_minor > deposit_minor;

-- Lines come to the total, and the tax of a line is what its snapshot of the rate gives, half away from zero to the currency's step.
create view invariants.i17_document_arithmetic with (security_invoker = true) as
  select invoice.operator_id, invoice.mode, coalesce(invoice.number, invoice.id::text) as subject,
    invoice.subtotal_minor || ' + ' || invoice.tax_minor || ' = ' || invoice.total_minor as expected,
    coalesce(sum(line.net_minor), 0) || ' + ' || coalesce(sum(line.tax_minor), 0) || ' = ' || coalesce(sum(line.total_minor), 0) as actual,
    'lines' as detail
  from app.invoices invoice
  left join app.invoice_lines line on line.operator_id = invoice.operator_id and line.mode = invoice.mode and line.invoice_id = invoice.id
  group by invoice.operator_id, invoice.mode, invoice.id, invoice.number, invoice.subtotal_minor, invoice.tax_minor, invoice.total_minor
  having coalesce(sum(line.net_minor), 0) <> invoice.subtotal_minor or coalesce(sum(line.tax_minor), 0) <> invoice.tax_minor
    or invoice.subtotal_minor + invoice.tax_minor <> invoice.total_minor
  union all
  select operator_id, mode, invoice_id || ':' || line_no, taxed::text, tax_minor::text, 'tax of a line'
  from (
    select line.operator_id, line.mode, line.invoice_id, line.line_no, line.tax_minor,
      case when line.tax_treatment = 'taxable' then round(line.net_minor * line.tax_percent / 100 / step.minor) * step.minor else 0 end as taxed
    from app.invoice_lines line
    join app.invoices invoice on invoice.operator_id = line.operator_id and invoice.mode = line.mode and invoice.id = line.invoice_id
    cross join lateral (
      select case when invoice.currency in ('BHD', 'JOD', 'KWD', 'OMR', 'TND') then 10
        when invoice.currency in ('ISK', 'UGX') then 100 else 1 end as minor
    ) step
  ) recomputed
  where taxed <> tax_minor;

-- Numbers are handed out one after the other: as many documents as the counters gave, and none above what they gave.
create view invariants.i18_numbers with (security_invoker = true) as
  select counter.operator_id, counter.mode, counter.series as subject, counter.given::text as expected, used.documents::text as actual,
    'highest ' || coalesce(used.highest, 0) as detail
  from (
    select operator_id, mode, series, sum(next_seq - 1) as given, count(*) as buckets from app.number_series
    where series in ('invoice', 'credit_note') group by operator_id, mode, series
  ) counter
  cross join lateral (
    select count(*) as documents, max(number_seq) as highest, count(distinct number_seq) as distinct_seqs from (
      select number_seq from app.invoices where counter.series = 'invoice' and operator_id = counter.operator_id and mode = counter.mode
        and number is not null
      union all
      select number_seq from app.credit_notes where counter.series = 'credit_note' and operator_id = counter.operator_id
        and mode = counter.mode
    ) numbered
  ) used
  where used.documents <> counter.given
    or (counter.buckets = 1 and (used.highest <> counter.given or used.distinct_seqs <> counter.given));

-- Test and live never mix: what an entry is about exists in the entry's own mode. Row security hides the other mode, so what is of
-- another mode is missing here.
create view invariants.i19_mode_apart with (security_invoker = true) as
  select line.operator_id, line.mode, line.account || ' ' || line.subject_id as subject, 'in mode ' || line.mode as expected,
    'missing' as actual, line.entry_id::text as detail
  from app.ledger_lines line
  where line.subject_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' and ((line.subject_kind = 'invoice' and not exists (select from app.invoices row
      where row.operator_id = line.operator_id and row.mode = line.mode and row.id::text = line.subject_id))
    or (line.subject_kind = 'payment' and not exists (select from app.payments row
      where row.operator_id = line.operator_id and row.mode = line.mode and row.id::text = line.subject_id))
    or (line.subject_kind = 'deposit' and not exists (select from app.deposits row
      where row.operator_id = line.operator_id and row.mode = line.mode and row.id::text = line.subject_id))
    or (line.subject_kind = 'credit_note' and not exists (select from app.credit_notes row
      where row.operator_id = line.operator_id and row.mode = line.mode and row.id::text = line.subject_id))
    or (line.subject_kind = 'refund' and not exists (select from app.refunds row
      where row.operator_id = line.operator_id and row.mode = line.mode and row.id::text = line.subject_id))
    or (line.subject_kind = 'connection' and not exists (select from app.connections row
      where row.operator_id = line.operator_id and row.mode = line.mode and row.id::text = line.subject_id)))
    or (line.renter_id is not null and not exists (select from app.renters row
      where row.operator_id = line.operator_id and row.mode = line.mode and row.id = line.renter_id))
    or (line.lease_id is not null and not exists (select from app.leases row
      where row.operator_id = line.operator_id and row.mode = line.mode and row.id = line.lease_id));

-- The state of a finalised invoice follows from what the ledger says is owed.
create view invariants.i20_state_from_ledger with (security_invoker = true) as
  select operator_id, mode, subject, expected, actual, detail from (
    select invoice.operator_id, invoice.mode, coalesce(invoice.number, invoice.id::text) as subject, invoice.status as actual,
      case when coalesce(balance.balance_minor, 0) = 0 then 'paid' else 'open' end as expected,
      coalesce(balance.balance_minor, 0)::text as detail
    from app.invoices invoice
    left join app.ledger_balances balance on balance.operator_id = invoice.operator_id and balance.mode = invoice.mode
      and balance.currency = invoice.currency and balance.account = 'receivable' and balance.subject_kind = 'invoice'
      and balance.subject_id = invoice.id::text
    where invoice.status in ('open', 'paid')
  ) compared
  where actual <> expected;

-- Ids of Stripe objects stand where their kind belongs. The columns' own checks refuse the rest; this says so once more (H15).
create view invariants.i25_link_kinds with (security_invoker = true) as
  select operator_id, mode, id::text as subject, kind || '_…' as expected, link as actual, place as detail from (
    select operator_id, mode, id, 'pi' as kind, stripe_payment_intent_id as link, 'invoices' as place from app.invoices
    union all select operator_id, mode, id, 'pi', stripe_payment_intent_id, 'payments' from app.payments
    union all select operator_id, mode, id, 'ch|py', stripe_charge_id, 'payments' from app.payments
    union all select operator_id, mode, id, 'txn', balance_transaction_id, 'payments' from app.payments
    union all select operator_id, mode, id, 're|pyr', stripe_refund_id, 'refunds' from app.refunds
    union all select operator_id, mode, id, 'txn', balance_transaction_id, 'refunds' from app.refunds
    union all select operator_id, mode, entry_id, 'txn', bt_id, 'ledger_lines' from app.ledger_lines
  ) links
  where link is not null and link !~ ('^(' || kind || ')_');

grant select on all tables in schema invariants to rentroll_app;
