-- The currency an account is made with (UI-142), beside the country and frozen like it: a repeated key must bring the same request. Null in
-- rows from before, and where nobody said: then Stripe takes the country's own.
alter table app.connect_accounts
  add column currency text check (currency ~ '^[A-Z]{3}$');
