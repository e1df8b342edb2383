-- table.sql: rows, an index, two queries.
create table t(a integer primary key, b text, c real);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 60000)
  insert into t select i, 'row ' || i, i * 1.5 from n;
create index tb on t(b);
select count(*), sum(c) from t where b like 'row 1%';
select b, count(*) from t group by substr(b, 1, 6) order by 2 limit 3;
