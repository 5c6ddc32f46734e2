create table app.again (id uuid primary key);
