-- contract: the order of these names changes, so their indexes are written anew; every value stays.
-- Names from Stripe are compared byte by byte: nobody sorts them for people, and the rules of a language cost several times as much.
alter table app.inbox_events
  alter column source_account type text collate "C",
  alter column event_id type text collate "C",
  alter column object_kind type text collate "C",
  alter column object_id type text collate "C",
  drop constraint inbox_events_event_id_check,
  add constraint inbox_events_event_id_check check (starts_with(event_id, 'evt_'));
alter table app.inbox_objects
  alter column object_kind type text collate "C",
  alter column object_id type text collate "C";
