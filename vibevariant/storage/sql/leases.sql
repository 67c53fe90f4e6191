-- name: take_lease$
-- Gives a lease to a process if it holds it already, nobody does, or a clock that was ahead gave it away for too long.
insert into leases (name, holder, expires_at)
values (:name, :holder, :expires_at)
on conflict (name) do update
set holder = excluded.holder, expires_at = excluded.expires_at
where leases.holder = excluded.holder or leases.expires_at <= :now or leases.expires_at > :latest
returning holder;

-- name: release_lease!
-- Lets go of a lease, if it is still this process that holds it.
delete from leases where name = :name and holder = :holder;
