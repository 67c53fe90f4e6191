-- name: matured_tallies_of
-- The tallies of goals that have a window, and of the exposed under each, of those first exposed before its own hour.
select cast(r.value ->> 0 as bigint) as goal, t.arm, t.allocation, t.goal_id,
       sum(t.exposed) as exposed, sum(t.conversions) as conversions, sum(t.events) as events, sum(t.value) as value
from json_each(:rows) r
join tallies t on t.goal_id in (0, cast(r.value ->> 0 as bigint)) and t.hour < cast(r.value ->> 1 as bigint)
where t.experiment_id = :experiment_id and t.hour >= :first_hour
group by cast(r.value ->> 0 as bigint), t.arm, t.allocation, t.goal_id
order by cast(r.value ->> 0 as bigint), t.arm, t.allocation, t.goal_id;

-- name: exposures_by_hour
-- How many visitors were first exposed to each arm in each hour?
select t.hour, t.arm, sum(t.exposed) as exposed
from tallies t
where t.experiment_id = :experiment_id and t.goal_id = 0
group by t.hour, t.arm
having sum(t.exposed) <> 0
order by t.hour, t.arm;

-- name: conversions_by_hour
-- How many first conversions of a goal happened in each hour?
select h.hour, h.conversions
from conversion_hours h
where h.experiment_id = :experiment_id and h.goal_id = :goal_id and h.conversions <> 0
order by h.hour;

-- name: conversions_by_delay
-- How many first conversions of a goal came so many whole hours after the exposure, by arm?
select d.arm, d.hours, d.conversions
from conversion_delays d
where d.experiment_id = :experiment_id and d.goal_id = :goal_id and d.conversions <> 0
order by d.arm, d.hours;

-- name: segment_tallies_of
-- Exposed visitors and conversions of a goal by segment, arm and allocation, of those first exposed in these hours.
select t.segment, t.arm, t.allocation, sum(t.exposed) as exposed, sum(t.conversions) as conversions
from tallies t
where t.experiment_id = :experiment_id and t.goal_id in (0, :goal_id)
  and t.hour >= :first_hour and t.hour < :end_hour
group by t.segment, t.arm, t.allocation
having sum(t.exposed) <> 0 or sum(t.conversions) <> 0
order by t.segment, t.arm, t.allocation;

-- name: buyers_of
-- How many visitors, first exposed in this time, brought which value? Nobody is looked at where the tallies have none.
select a.arm, a.allocation, c.value, count(*) as visitors
from assignments a
join conversions c on c.experiment_id = a.experiment_id and c.visitor_id = a.visitor_id and c.goal_id = :goal_id
where a.experiment_id = :experiment_id and a.exposed_at >= :first_at and a.exposed_at < :end_at and c.value <> 0
  and exists (select 1 from tallies t
              where t.experiment_id = :experiment_id and t.goal_id = :goal_id and t.value <> 0)
group by a.arm, a.allocation, c.value
order by a.arm, a.allocation, c.value;

-- name: arrivals_of^
-- What came in from a project's site from one hour to another (included): counted, robots' and duplicates.
select coalesce(sum(i.counted), 0), coalesce(sum(i.robots), 0), coalesce(sum(i.duplicates), 0)
from arrivals i
where i.project_id = :project_id and i.hour >= :first_hour and i.hour <= :last_hour;
