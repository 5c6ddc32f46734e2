-- Events a back-fill was given and could not keep: their ids, cut short, the newest hundred. A person has to look at what they are about.
alter table app.back_fills add column unkept text[] not null default '{}';
