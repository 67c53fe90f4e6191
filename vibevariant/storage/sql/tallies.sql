-- name: tallies_of
-- Exposed visitors and conversions of an experiment by arm, allocation and goal, of those first exposed in these hours.
select t.arm, t.allocation, t.goal_id,
       sum(t.exposed) as exposed, sum(t.conversions) as conversions, sum(t.events) as events, sum(t.value) as value
from tallies t
where t.experiment_id = :experiment_id and t.hour >= :first_hour and t.hour < :end_hour
group by t.arm, t.allocation, t.goal_id
order by t.arm, t.allocation, t.goal_id;

-- name: event_tallies_of
-- The same for any event by its name, counted from the events themselves.
select a.arm, a.allocation, count(distinct a.visitor_id) as conversions, count(*) as events,
       coalesce(sum(e.value), 0) as value
from assignments a
join events e on e.visitor_id = a.visitor_id and e.at >= a.exposed_at
where a.experiment_id = :experiment_id and e.project_id = :project_id and e.name = :name
  and a.exposed_at >= :first_at and a.exposed_at < :end_at and e.at <= :ended_at
group by a.arm, a.allocation
order by a.arm, a.allocation;

-- name: first_and_last_hour^
-- The hours of the first and the last exposure of an experiment.
select min(t.hour), max(t.hour) from tallies t where t.experiment_id = :experiment_id;

-- name: delete_conversions!
-- Forgets the derived conversions of an experiment, before a recount.
delete from conversions where experiment_id = :experiment_id;

-- name: delete_tallies!
-- Forgets the derived tallies of an experiment, before a recount.
delete from tallies where experiment_id = :experiment_id;

-- name: delete_conversion_hours!
-- Forgets the derived hours of conversions of an experiment, before a recount.
delete from conversion_hours where experiment_id = :experiment_id;

-- name: delete_conversion_delays!
-- Forgets the derived delays of conversions of an experiment, before a recount.
delete from conversion_delays where experiment_id = :experiment_id;

-- name: recount_conversions!
-- Rebuilds the conversions of one goal from the facts: events from the exposure to the end of its window, or of all.
insert into conversions (experiment_id, visitor_id, goal_id, first_at, events, value)
select a.experiment_id, a.visitor_id, cast(:goal_id as bigint), min(e.at), count(*), coalesce(sum(e.value), 0)
from assignments a
join events e on e.visitor_id = a.visitor_id and e.at >= a.exposed_at
where a.experiment_id = :experiment_id and e.name = :event and e.at <= :ended_at and e.at < a.exposed_at + :window
group by a.experiment_id, a.visitor_id;

-- name: recount_exposed!
-- Rebuilds the tallies of exposed visitors from the assignments.
insert into tallies (experiment_id, arm, allocation, goal_id, hour, segment, exposed, conversions, events, value)
select a.experiment_id, a.arm, a.allocation, 0, a.exposed_at / 3600000, a.segment, count(*), 0, 0, 0
from assignments a
where a.experiment_id = :experiment_id and a.exposed_at is not null
group by a.experiment_id, a.arm, a.allocation, a.exposed_at / 3600000, a.segment;

-- name: recount_converted!
-- Rebuilds the tallies of conversions from the conversions.
insert into tallies (experiment_id, arm, allocation, goal_id, hour, segment, exposed, conversions, events, value)
select a.experiment_id, a.arm, a.allocation, c.goal_id, a.exposed_at / 3600000, a.segment,
       0, count(*), sum(c.events), sum(c.value)
from conversions c
join assignments a on a.experiment_id = c.experiment_id and a.visitor_id = c.visitor_id
where c.experiment_id = :experiment_id
group by a.experiment_id, a.arm, a.allocation, c.goal_id, a.exposed_at / 3600000, a.segment;

-- name: recount_conversion_hours!
-- Rebuilds from the conversions the hours in which they happened.
insert into conversion_hours (experiment_id, goal_id, hour, conversions)
select c.experiment_id, c.goal_id, c.first_at / 3600000, count(*)
from conversions c
where c.experiment_id = :experiment_id
group by c.experiment_id, c.goal_id, c.first_at / 3600000;

-- name: recount_conversion_delays!
-- Rebuilds from the conversions how many whole hours after the exposure they came.
insert into conversion_delays (experiment_id, goal_id, arm, hours, conversions)
select c.experiment_id, c.goal_id, a.arm, (c.first_at - a.exposed_at) / 3600000, count(*)
from conversions c
join assignments a on a.experiment_id = c.experiment_id and a.visitor_id = c.visitor_id
where c.experiment_id = :experiment_id
group by c.experiment_id, c.goal_id, a.arm, (c.first_at - a.exposed_at) / 3600000;

-- name: every_conversion_hour
-- All hours in which conversions of an experiment happened, for comparing a recount with what was kept.
select h.goal_id, h.hour, h.conversions
from conversion_hours h
where h.experiment_id = :experiment_id and h.conversions <> 0
order by h.goal_id, h.hour;

-- name: every_conversion_delay
-- All delays with which conversions of an experiment came, for comparing a recount with what was kept.
select d.goal_id, d.arm, d.hours, d.conversions
from conversion_delays d
where d.experiment_id = :experiment_id and d.conversions <> 0
order by d.goal_id, d.arm, d.hours;

-- name: every_tally
-- All tallies of an experiment that hold something, for comparing a recount with what was kept.
select t.arm, t.allocation, t.goal_id, t.hour, t.segment, t.exposed, t.conversions, t.events, t.value
from tallies t
where t.experiment_id = :experiment_id
  and (t.exposed <> 0 or t.conversions <> 0 or t.events <> 0 or t.value <> 0)
order by t.arm, t.allocation, t.goal_id, t.hour, t.segment;
