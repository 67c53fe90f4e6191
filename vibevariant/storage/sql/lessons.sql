-- name: lessons_of
-- What the finished experiments of a project have taught it, in the order of the experiments.
select l.experiment_id, l.event, l.ended_at, l.log_marginals, l.arms, l.weights, l.pairs
from experiments e
join lessons l on l.experiment_id = e.id
where e.project_id = :project_id
order by l.experiment_id;

-- name: save_lesson!
-- Keeps what an experiment teaches, unless it is gone.
insert into lessons (experiment_id, event, ended_at, log_marginals, arms, weights, pairs)
select e.id, :event, :ended_at, :log_marginals, :arms, :weights, :pairs
from experiments e
where e.id = :experiment_id
on conflict (experiment_id) do update
set event = excluded.event, ended_at = excluded.ended_at, log_marginals = excluded.log_marginals,
    arms = excluded.arms, weights = excluded.weights, pairs = excluded.pairs;

-- name: forget_lesson!
-- Deletes what an experiment has taught.
delete from lessons where experiment_id = :id;
