-- contract: nothing reads it since version 2
drop table app.gone;
