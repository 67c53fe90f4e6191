-- Everything the appliance keeps. Times are epoch milliseconds UTC, weights and propensities whole ten-thousandths,
-- values whole millionths (so that their sums are exact in any order); JSON is text that is never filtered on.
-- {identity} is the database's own way of numbering rows without ever using a number twice.

create table users (
    id {identity},
    email text unique,
    password_hash text,
    role text not null,
    created_at bigint not null
);

create table sessions (
    id_hash text primary key,
    user_id bigint not null references users (id),
    created_at bigint not null,
    expires_at bigint not null
);
create index sessions_by_user on sessions (user_id);

create table projects (
    id {identity},
    key text not null unique,
    name text not null,
    token text not null unique,
    is_example bigint not null,
    created_at bigint not null
);

create table secret_keys (
    key_hash text primary key,
    prefix text not null,
    name text not null,
    user_id bigint not null references users (id),
    project_id bigint references projects (id),
    created_at bigint not null,
    revoked_at bigint
);
create index secret_keys_by_user on secret_keys (user_id);
create index secret_keys_by_project on secret_keys (project_id);

create table goals (
    id {identity},
    project_id bigint not null references projects (id),
    key text not null,
    event text not null,
    created_at bigint not null,
    unique (project_id, key)
);

create table experiments (
    id {identity},
    project_id bigint not null references projects (id),
    key text not null,
    name text not null,
    description text not null,
    type text not null,
    mode text not null,
    status text not null,
    source text not null,
    targeting text not null,
    weights text not null,
    traffic bigint not null,
    created_at bigint not null,
    started_at bigint,
    ended_at bigint,
    winner text,
    unique (project_id, key)
);

create table elements (
    experiment_id bigint not null references experiments (id),
    position bigint not null,
    key text not null,
    name text not null,
    primary key (experiment_id, position),
    unique (experiment_id, key)
);

create table element_variants (
    experiment_id bigint not null,
    element bigint not null,
    position bigint not null,
    key text not null,
    name text not null,
    is_control bigint not null,
    payload text,
    primary key (experiment_id, element, position),
    unique (experiment_id, element, key),
    foreign key (experiment_id, element) references elements (experiment_id, position)
);

create table experiment_goals (
    experiment_id bigint not null references experiments (id),
    goal_id bigint not null references goals (id),
    role text not null,
    position bigint not null,
    primary key (experiment_id, goal_id)
);
create index experiment_goals_by_goal on experiment_goals (goal_id);

create table allocations (
    experiment_id bigint not null references experiments (id),
    number bigint not null,
    weights text not null,
    traffic bigint not null,
    enrolling bigint not null,
    started_at bigint not null,
    cause text not null,
    actor text not null,
    primary key (experiment_id, number)
);

create table visitors (
    id {identity},
    project_id bigint not null references projects (id),
    visitor text not null,
    first_seen_at bigint not null,
    unique (project_id, visitor)
);

-- The sticky decision. exposed_at is the earliest time at which the visitor was shown the arm.
create table assignments (
    experiment_id bigint not null references experiments (id),
    visitor_id bigint not null references visitors (id),
    arm bigint not null,
    allocation bigint not null,
    propensity bigint not null,
    assigned_at bigint not null,
    exposed_at bigint,
    primary key (experiment_id, visitor_id)
);
create index assignments_by_visitor on assignments (visitor_id);

create table events (
    project_id bigint not null references projects (id),
    id text not null,
    visitor_id bigint not null references visitors (id),
    experiment_id bigint,
    name text not null,
    at bigint not null,
    received_at bigint not null,
    value bigint,
    properties text,
    primary key (project_id, id)
);
create index events_by_visitor on events (visitor_id, at);
create index events_by_name on events (project_id, name, at);

-- What follows is derived from the facts above, in the same transaction; `recount` rebuilds it.

create table conversions (
    experiment_id bigint not null references experiments (id),
    visitor_id bigint not null references visitors (id),
    goal_id bigint not null references goals (id),
    first_at bigint not null,
    events bigint not null,
    value bigint not null,
    primary key (experiment_id, visitor_id, goal_id)
);
create index conversions_by_visitor on conversions (visitor_id);
create index conversions_by_goal on conversions (goal_id);

-- goal_id 0 carries the exposed visitors. The hour counts hours of exposure since 1970.
create table tallies (
    experiment_id bigint not null references experiments (id),
    arm bigint not null,
    allocation bigint not null,
    goal_id bigint not null,
    hour bigint not null,
    segment text not null,
    exposed bigint not null,
    conversions bigint not null,
    events bigint not null,
    value bigint not null,
    primary key (experiment_id, arm, allocation, goal_id, hour, segment)
);

-- What the last refresh read and concluded: the numbers that the allocation was made from.
create table posteriors (
    experiment_id bigint primary key references experiments (id),
    refreshed_at bigint not null,
    digest text not null,
    reading text not null
);

-- Each change of mind, for the history of an experiment.
create table decisions (
    experiment_id bigint not null references experiments (id),
    at bigint not null,
    status text not null,
    reason text not null,
    arm text,
    sentence text not null,
    primary key (experiment_id, at)
);
