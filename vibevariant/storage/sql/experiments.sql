-- name: experiments
-- Every experiment, oldest first, or the one of this number.
select e.id, e.project_id, e.key, e.name, e.description, e.type, e.mode, e.status, e.source, e.targeting, e.weights,
       e.traffic, e.created_at, e.started_at, e.ended_at, e.winner, e.prior, e.dropped
from experiments e
where cast(:id as bigint) is null or e.id = :id
order by e.id;

-- name: elements
-- The elements of every experiment, or of one, in their order.
select l.experiment_id, l.position, l.key, l.name
from elements l
where cast(:id as bigint) is null or l.experiment_id = :id
order by l.experiment_id, l.position;

-- name: variants
-- The variants of every element, or of one experiment's, in their order.
select v.experiment_id, v.element, v.key, v.name, v.is_control, v.payload
from element_variants v
where cast(:id as bigint) is null or v.experiment_id = :id
order by v.experiment_id, v.element, v.position;

-- name: experiment_goals
-- The goals that each experiment counts, or one.
select g.experiment_id, o.id, o.key, o.event, g.role, o.window_hours
from experiment_goals g
join goals o on o.id = g.goal_id
where cast(:id as bigint) is null or g.experiment_id = :id
order by g.experiment_id, g.position;

-- name: allocations
-- Every allocation there ever was, or those of one experiment, by number.
select a.experiment_id, a.number, a.weights, a.traffic, a.enrolling, a.started_at, a.cause, a.actor, a.reason
from allocations a
where cast(:id as bigint) is null or a.experiment_id = :id
order by a.experiment_id, a.number;

-- name: insert_experiment$
-- Stores a new experiment and gives its number; nothing when the project has one of this key.
insert into experiments (project_id, key, name, description, type, mode, status, source, targeting, weights, traffic,
                         created_at, started_at, ended_at, winner, prior, dropped)
values (:project_id, :key, :name, :description, :type, :mode, :status, :source, :targeting, :weights, :traffic,
        :created_at, :started_at, :ended_at, :winner, :prior, :dropped)
on conflict (project_id, key) do nothing
returning id;

-- name: insert_element!
-- Stores an element of a new experiment.
insert into elements (experiment_id, position, key, name) values (:experiment_id, :position, :key, :name);

-- name: insert_variant!
-- Stores a variant of an element.
insert into element_variants (experiment_id, element, position, key, name, is_control, payload)
values (:experiment_id, :element, :position, :key, :name, :is_control, :payload);

-- name: find_goal^
-- A project's goal by its key.
select g.id, g.event, g.window_hours from goals g where g.project_id = :project_id and g.key = :key;

-- name: insert_goal$
-- Stores a new goal of a project.
insert into goals (project_id, key, event, window_hours, created_at)
values (:project_id, :key, :event, :window_hours, :created_at)
returning id;

-- name: insert_experiment_goal!
-- Says that an experiment counts a goal.
insert into experiment_goals (experiment_id, goal_id, role, position)
values (:experiment_id, :goal_id, :role, :position);

-- name: insert_allocation!
-- Stores a numbered allocation; numbers are never used twice.
insert into allocations (experiment_id, number, weights, traffic, enrolling, started_at, cause, actor, reason)
values (:experiment_id, :number, :weights, :traffic, :enrolling, :started_at, :cause, :actor, :reason);

-- name: update_experiment!
-- Stores what may change in an experiment's life.
update experiments
set name = :name, description = :description, mode = :mode, status = :status, targeting = :targeting,
    weights = :weights, dropped = :dropped, traffic = :traffic, started_at = :started_at, ended_at = :ended_at,
    winner = :winner, prior = :prior
where id = :id;

-- name: forget_readings!
-- Deletes what the allocations and decisions of an experiment were made from.
delete from readings where experiment_id = :id;

-- name: forget_decisions!
-- Deletes the history of decisions of an experiment.
delete from decisions where experiment_id = :id;

-- name: forget_posterior!
-- Deletes the last reading of an experiment.
delete from posteriors where experiment_id = :id;

-- name: forget_tallies!
-- Deletes the tallies of an experiment.
delete from tallies where experiment_id = :id;

-- name: forget_conversion_hours!
-- Deletes the hours in which an experiment's conversions happened.
delete from conversion_hours where experiment_id = :id;

-- name: forget_conversion_delays!
-- Deletes how late an experiment's conversions came.
delete from conversion_delays where experiment_id = :id;

-- name: forget_conversions!
-- Deletes the conversions of an experiment.
delete from conversions where experiment_id = :id;

-- name: forget_assignments!
-- Deletes the assignments of an experiment.
delete from assignments where experiment_id = :id;

-- name: forget_allocations!
-- Deletes the allocations of an experiment.
delete from allocations where experiment_id = :id;

-- name: forget_experiment_goals!
-- Deletes the use of goals of an experiment.
delete from experiment_goals where experiment_id = :id;

-- name: forget_variants!
-- Deletes the variants of an experiment.
delete from element_variants where experiment_id = :id;

-- name: forget_elements!
-- Deletes the elements of an experiment.
delete from elements where experiment_id = :id;

-- name: forget_experiment!
-- Deletes an experiment of which nothing else is left.
delete from experiments where id = :id;
