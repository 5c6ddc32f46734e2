-- What the installation takes of a direct charge, and whether a refund gives its part back (STR-16). Frozen before the first call leaves, so
-- that the same key always asks for the same, whatever the settings say by then.
alter table app.money_calls
  add column application_fee_minor bigint,
  add column returns_application_fee boolean not null default false,
  add constraint money_calls_fee_within check (application_fee_minor between 1 and amount_minor),
  add constraint money_calls_fee_of_charge check (application_fee_minor is null or purpose = 'payment.create'),
  add constraint money_calls_fee_of_refund check (not returns_application_fee or purpose = 'refund.create');
