-- The prior of arms' rates that was chosen for an experiment, and what each finished experiment teaches its project.

alter table experiments add column prior text not null default '"learned"';

-- The event is the primary goal's. All the rest is JSON: log marginals of the spreads, conversions and exposed visitors of
-- every arm, the weights of the signals, pairs of effects.
create table lessons (
    experiment_id bigint primary key references experiments (id),
    event text not null,
    ended_at bigint not null,
    log_marginals text not null,
    arms text not null,
    weights text not null,
    pairs text not null
);
