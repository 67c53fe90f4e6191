-- name: save_reading!
-- Keeps what an allocation or a change of mind was made from, unless the experiment is gone.
insert into readings (experiment_id, at, engine, allocation, basis, outcome)
select e.id, :at, :engine, :allocation, :basis, :outcome from experiments e where e.id = :experiment_id
on conflict (experiment_id, at) do update
set engine = excluded.engine, allocation = excluded.allocation, basis = excluded.basis, outcome = excluded.outcome;

-- name: readings_of
-- What the allocations and decisions of an experiment were made from, oldest first.
select r.at, r.engine, r.allocation, r.basis, r.outcome
from readings r
where r.experiment_id = :experiment_id
order by r.at;
