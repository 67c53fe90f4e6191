-- What was counted, in more ways: windows of goals, kinds of visitors, when conversions happen, and what came in.

-- Whole hours after the exposure in which an event counts; null: however late it comes.
alter table goals add column window_hours bigint;

-- The kind of visitor, fixed when the assignment was made; '' in what is older than kinds.
alter table assignments add column segment text not null default '';

-- Derived, as the tallies are: first conversions by the hour (since 1970) in which they happened ...
create table conversion_hours (
    experiment_id bigint not null references experiments (id),
    goal_id bigint not null,
    hour bigint not null,
    conversions bigint not null,
    primary key (experiment_id, goal_id, hour)
);
insert into conversion_hours (experiment_id, goal_id, hour, conversions)
select c.experiment_id, c.goal_id, c.first_at / 3600000, count(*)
from conversions c
group by c.experiment_id, c.goal_id, c.first_at / 3600000;

-- ... and by how many whole hours after the exposure they came.
create table conversion_delays (
    experiment_id bigint not null references experiments (id),
    goal_id bigint not null,
    arm bigint not null,
    hours bigint not null,
    conversions bigint not null,
    primary key (experiment_id, goal_id, arm, hours)
);
insert into conversion_delays (experiment_id, goal_id, arm, hours, conversions)
select c.experiment_id, c.goal_id, a.arm, (c.first_at - a.exposed_at) / 3600000, count(*)
from conversions c
join assignments a on a.experiment_id = c.experiment_id and a.visitor_id = c.visitor_id
group by c.experiment_id, c.goal_id, a.arm, (c.first_at - a.exposed_at) / 3600000;

-- What came in from a project's site, by the hour in which it was received: new events and exposures, what robots sent
-- (nothing of it is kept), and events that were here already. No fact is left of the last two, so this is not rebuilt.
create table arrivals (
    project_id bigint not null references projects (id),
    hour bigint not null,
    counted bigint not null,
    robots bigint not null,
    duplicates bigint not null,
    primary key (project_id, hour)
);
