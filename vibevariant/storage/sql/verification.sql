-- name: assignments_of
-- Every assignment of an experiment as it is stored.
select v.visitor, a.arm, a.allocation, a.propensity
from assignments a
join visitors v on v.id = a.visitor_id
where a.experiment_id = :experiment_id
order by a.visitor_id;

-- name: exposures_known
-- When every visitor was first shown the arm, and when that was received, where an event said so.
select a.allocation, a.arm, a.exposed_at, min(e.received_at) as received_at
from assignments a
left join events e on e.visitor_id = a.visitor_id and e.experiment_id = a.experiment_id and e.name = :exposure
                  and e.at = a.exposed_at
where a.experiment_id = :experiment_id and a.exposed_at is not null
group by a.visitor_id, a.allocation, a.arm, a.exposed_at;

-- name: conversions_known
-- When every visitor first reached a goal, when the first event that says so was received, and the exposure.
select a.allocation, a.arm, min(e.at) as first_at, min(e.received_at) as received_at, a.exposed_at,
       (select min(s.received_at) from events s
        where s.visitor_id = a.visitor_id and s.experiment_id = a.experiment_id and s.name = :exposure
          and s.at = a.exposed_at) as shown_at
from assignments a
join events e on e.visitor_id = a.visitor_id and e.at >= a.exposed_at
where a.experiment_id = :experiment_id and e.name = :event and e.at <= :ended_at and e.at < a.exposed_at + :window
group by a.visitor_id, a.experiment_id, a.allocation, a.arm, a.exposed_at;
