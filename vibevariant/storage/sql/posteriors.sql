-- name: posteriors
-- What the last refresh of every experiment read and concluded.
select p.experiment_id, p.refreshed_at, p.digest, p.reading from posteriors p;

-- name: posterior^
-- What the last refresh of one experiment read and concluded.
select p.experiment_id, p.refreshed_at, p.digest, p.reading from posteriors p where p.experiment_id = :experiment_id;

-- name: save_posterior!
-- Keeps what a refresh read and concluded, unless the experiment is gone.
insert into posteriors (experiment_id, refreshed_at, digest, reading)
select e.id, :refreshed_at, :digest, :reading from experiments e where e.id = :experiment_id
on conflict (experiment_id) do update
set refreshed_at = excluded.refreshed_at, digest = excluded.digest, reading = excluded.reading;

-- name: last_decision^
-- The newest decision on an experiment.
select d.status, d.reason, d.arm from decisions d where d.experiment_id = :experiment_id order by d.at desc limit 1;

-- name: insert_decision!
-- Adds to the history of decisions, unless the experiment is gone.
insert into decisions (experiment_id, at, status, reason, arm, sentence)
select e.id, :at, :status, :reason, :arm, :sentence from experiments e where e.id = :experiment_id
on conflict (experiment_id, at) do nothing;

-- name: decisions_of
-- The history of decisions on an experiment, oldest first.
select d.at, d.status, d.reason, d.arm, d.sentence from decisions d where d.experiment_id = :experiment_id order by d.at;
