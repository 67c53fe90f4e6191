-- name: tallies_of_many
-- Exposed visitors and conversions of these experiments by arm, allocation and goal.
select t.experiment_id, t.arm, t.allocation, t.goal_id,
       sum(t.exposed) as exposed, sum(t.conversions) as conversions, sum(t.events) as events, sum(t.value) as value
from tallies t
where t.experiment_id in (select cast(r.value ->> 0 as bigint) from json_each(:rows) r)
group by t.experiment_id, t.arm, t.allocation, t.goal_id
order by t.experiment_id, t.arm, t.allocation, t.goal_id;

-- name: digests_of_many
-- What the last refresh of these experiments read, in short.
select p.experiment_id, p.digest
from posteriors p
where p.experiment_id in (select cast(r.value ->> 0 as bigint) from json_each(:rows) r);
