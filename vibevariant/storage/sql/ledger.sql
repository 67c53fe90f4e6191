-- name: existing_experiments
-- Which of these experiments are still there?
select e.id
from json_each(:rows) r
join experiments e on e.id = cast(r.value ->> 0 as bigint);

-- name: meet_visitors
-- Gives a number to each visitor who has none yet, and names those who are new.
insert into visitors (project_id, visitor, first_seen_at)
select cast(r.value ->> 0 as bigint), cast(r.value ->> 1 as text), cast(r.value ->> 2 as bigint)
from json_each(:rows) r
where true
on conflict (project_id, visitor) do nothing
returning id;

-- name: number_visitors
-- The numbers of these visitors, and since when they are known.
select v.project_id, v.visitor, v.id, v.first_seen_at
from json_each(:rows) r
join visitors v on v.project_id = cast(r.value ->> 0 as bigint) and v.visitor = cast(r.value ->> 1 as text);

-- name: insert_events
-- Stores the events whose id is new to the project, and names them.
insert into events (project_id, id, visitor_id, experiment_id, name, at, received_at, value, properties)
select cast(r.value ->> 0 as bigint), cast(r.value ->> 1 as text), cast(r.value ->> 2 as bigint),
       cast(r.value ->> 3 as bigint), cast(r.value ->> 4 as text), cast(r.value ->> 5 as bigint),
       cast(r.value ->> 6 as bigint), cast(r.value ->> 7 as bigint), cast(r.value ->> 8 as text)
from json_each(:rows) r
where true
on conflict (project_id, id) do nothing
returning project_id, id;

-- name: claim_assignments
-- Assigns the visitors who have no assignment in the experiment yet, and names them; who has one keeps it.
insert into assignments (experiment_id, visitor_id, arm, allocation, propensity, assigned_at, exposed_at, segment)
select cast(r.value ->> 0 as bigint), cast(r.value ->> 1 as bigint), cast(r.value ->> 2 as bigint),
       cast(r.value ->> 3 as bigint), cast(r.value ->> 4 as bigint), cast(r.value ->> 5 as bigint),
       cast(r.value ->> 6 as bigint), cast(r.value ->> 7 as text)
from json_each(:rows) r
where true
on conflict (experiment_id, visitor_id) do nothing
returning experiment_id, visitor_id;

-- name: standing_assignments
-- The assignments that stand for these pairs of experiment and visitor.
select a.experiment_id, a.visitor_id, a.arm, a.allocation, a.propensity, a.assigned_at, a.exposed_at, a.segment
from json_each(:rows) r
join assignments a on a.experiment_id = cast(r.value ->> 0 as bigint)
                  and a.visitor_id = cast(r.value ->> 1 as bigint);

-- name: standing_conversions
-- The conversions so far of these pairs of experiment and visitor.
select c.experiment_id, c.visitor_id, c.goal_id, c.first_at, c.events, c.value
from json_each(:rows) r
join conversions c on c.experiment_id = cast(r.value ->> 0 as bigint)
                  and c.visitor_id = cast(r.value ->> 1 as bigint);

-- name: events_between
-- The stored events of these visitors from one time (included) to another (not included).
select e.visitor_id, e.name, e.at, e.value
from json_each(:rows) r
join events e on e.visitor_id = cast(r.value ->> 0 as bigint)
             and e.at >= cast(r.value ->> 1 as bigint) and e.at < cast(r.value ->> 2 as bigint);

-- name: expose_assignments!
-- Keeps the earliest time at which each of these visitors was shown the arm.
update assignments
set exposed_at = cast(r.value ->> 2 as bigint)
from json_each(:rows) r
where assignments.experiment_id = cast(r.value ->> 0 as bigint)
  and assignments.visitor_id = cast(r.value ->> 1 as bigint);

-- name: save_conversions!
-- Keeps each visitor's first conversion of a goal, with the count and value of all that match it.
insert into conversions (experiment_id, visitor_id, goal_id, first_at, events, value)
select cast(r.value ->> 0 as bigint), cast(r.value ->> 1 as bigint), cast(r.value ->> 2 as bigint),
       cast(r.value ->> 3 as bigint), cast(r.value ->> 4 as bigint), cast(r.value ->> 5 as bigint)
from json_each(:rows) r
where true
on conflict (experiment_id, visitor_id, goal_id) do update
set first_at = excluded.first_at, events = excluded.events, value = excluded.value;

-- name: drop_conversions!
-- Forgets conversions that an earlier exposure has put out of their goal's window.
delete from conversions
where (experiment_id, visitor_id, goal_id) in (
    select cast(r.value ->> 0 as bigint), cast(r.value ->> 1 as bigint), cast(r.value ->> 2 as bigint)
    from json_each(:rows) r
);

-- name: add_conversion_hours!
-- Adds what a batch of facts changed to the hours in which conversions happened.
insert into conversion_hours (experiment_id, goal_id, hour, conversions)
select cast(r.value ->> 0 as bigint), cast(r.value ->> 1 as bigint), cast(r.value ->> 2 as bigint),
       cast(r.value ->> 3 as bigint)
from json_each(:rows) r
where true
on conflict (experiment_id, goal_id, hour) do update
set conversions = conversion_hours.conversions + excluded.conversions;

-- name: add_conversion_delays!
-- Adds what a batch of facts changed to how late conversions came.
insert into conversion_delays (experiment_id, goal_id, arm, hours, conversions)
select cast(r.value ->> 0 as bigint), cast(r.value ->> 1 as bigint), cast(r.value ->> 2 as bigint),
       cast(r.value ->> 3 as bigint), cast(r.value ->> 4 as bigint)
from json_each(:rows) r
where true
on conflict (experiment_id, goal_id, arm, hours) do update
set conversions = conversion_delays.conversions + excluded.conversions;

-- name: add_arrivals!
-- Adds what came in from sites: what was counted, what robots sent, and what was here already.
insert into arrivals (project_id, hour, counted, robots, duplicates)
select cast(r.value ->> 0 as bigint), cast(r.value ->> 1 as bigint), cast(r.value ->> 2 as bigint),
       cast(r.value ->> 3 as bigint), cast(r.value ->> 4 as bigint)
from json_each(:rows) r
where true
on conflict (project_id, hour) do update
set counted = arrivals.counted + excluded.counted,
    robots = arrivals.robots + excluded.robots,
    duplicates = arrivals.duplicates + excluded.duplicates;

-- name: add_tallies!
-- Adds what a batch of facts changed to the tallies.
insert into tallies (experiment_id, arm, allocation, goal_id, hour, segment, exposed, conversions, events, value)
select cast(r.value ->> 0 as bigint), cast(r.value ->> 1 as bigint), cast(r.value ->> 2 as bigint),
       cast(r.value ->> 3 as bigint), cast(r.value ->> 4 as bigint), cast(r.value ->> 5 as text),
       cast(r.value ->> 6 as bigint), cast(r.value ->> 7 as bigint), cast(r.value ->> 8 as bigint),
       cast(r.value ->> 9 as bigint)
from json_each(:rows) r
where true
on conflict (experiment_id, arm, allocation, goal_id, hour, segment) do update
set exposed = tallies.exposed + excluded.exposed,
    conversions = tallies.conversions + excluded.conversions,
    events = tallies.events + excluded.events,
    value = tallies.value + excluded.value;

-- name: one_assignment^
-- The stored assignment of one visitor in one experiment.
select a.arm, a.allocation, a.propensity, a.assigned_at, a.exposed_at, a.segment
from visitors v
join assignments a on a.visitor_id = v.id
where v.project_id = :project_id and v.visitor = :visitor and a.experiment_id = :experiment_id;
