-- The ends of the audit chains of many operators in one trip, for whoever anchors them outside the database (TRU-97). With the rights of the
-- caller: each operator is entered as a scope of its own and row security answers as always.
create function app.list_audit_heads(operators uuid[])
returns table (operator_id uuid, seq bigint, hash text) language plpgsql as $$
declare
  operator uuid;
begin
  foreach operator in array operators loop
    execute format('set local app.operator_id = %L', operator);
    return query select h.operator_id, h.seq, h.hash from app.audit_heads h where h.operator_id = operator;
  end loop;
  set local app.operator_id = '';
end
$$;
revoke execute on function app.list_audit_heads(uuid[]) from public;
grant execute on function app.list_audit_heads(uuid[]) to rentroll_app;
