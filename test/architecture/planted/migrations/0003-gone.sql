-- This table is gone.
drop table app.again;
