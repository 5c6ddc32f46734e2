create view app.second_page as select * from app.leases order by id limit 20 offset 20;
