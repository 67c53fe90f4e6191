-- How visitors are spent on an adaptive experiment, arms that were dropped, who refreshes, and what it was made from.

-- The mode is `fixed`, or one of the ways to adapt; what was merely adaptive is balanced.
update experiments set mode = 'balanced' where mode = 'adaptive';

-- Keys of the arms that nobody is served any more, as a JSON list.
alter table experiments add column dropped text not null default '[]';

-- What the actor said of it.
alter table allocations add column reason text not null default '';

-- Work that one process does at a time, however many there are: until when it is whose.
create table leases (
    name text primary key,
    holder text not null,
    expires_at bigint not null
);

-- What every allocation and every change of mind was made from: counts, priors and the moment, and what came of it.
create table readings (
    experiment_id bigint not null references experiments (id),
    at bigint not null,
    engine bigint not null,
    allocation bigint,
    basis text not null,
    outcome text not null,
    primary key (experiment_id, at)
);
