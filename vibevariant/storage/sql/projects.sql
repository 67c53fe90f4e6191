-- name: projects
-- Every project, oldest first.
select p.id, p.key, p.name, p.token, p.is_example, p.created_at from projects p order by p.id;

-- name: insert_project$
-- Stores a new project and gives its number; nothing when the key is taken.
insert into projects (key, name, token, is_example, created_at)
values (:key, :name, :token, :is_example, :created_at)
on conflict (key) do nothing
returning id;

-- name: activity^
-- Was anybody assigned in a project's live experiments, and shown an arm, and did an event come in that is the site's own?
select exists (select 1 from experiments e join assignments a on a.experiment_id = e.id
               where e.project_id = :project_id and e.source = 'live') as visitor,
       exists (select 1 from experiments e join tallies t on t.experiment_id = e.id
               where e.project_id = :project_id and e.source = 'live' and t.goal_id = 0 and t.exposed > 0) as exposure,
       exists (select 1 from events e where e.project_id = :project_id and e.name < '$')
       or exists (select 1 from events e where e.project_id = :project_id and e.name >= '%') as event;

-- name: forget_project_events!
-- Deletes the events of a project.
delete from events where project_id = :id;

-- name: forget_project_visitors!
-- Deletes the visitors of a project, after all that speaks of them.
delete from visitors where project_id = :id;

-- name: forget_project_goals!
-- Deletes the goals of a project, after the experiments that use them.
delete from goals where project_id = :id;

-- name: forget_project_arrivals!
-- Deletes what was counted of a project's traffic.
delete from arrivals where project_id = :id;

-- name: forget_project_keys!
-- Deletes the secret keys that were good for this project alone.
delete from secret_keys where project_id = :id;

-- name: forget_project!
-- Deletes a project of which nothing else is left.
delete from projects where id = :id;
