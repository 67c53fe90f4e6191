-- name: owner^
-- The owner of the appliance; nothing before the first run is done.
select u.id, u.email, u.role from users u where u.role = 'owner' order by u.id limit 1;

-- name: insert_owner$
-- Makes the owner and gives their number; nothing when there is one already.
insert into users (email, password_hash, role, created_at)
select :email, :password_hash, 'owner', :created_at
where not exists (select 1 from users u where u.role = 'owner')
returning id;

-- name: user_by_email^
-- Who signs in with this e-mail address?
select u.id, u.email, u.role, u.password_hash from users u where u.email = :email;

-- name: set_credentials!
-- Sets the e-mail address and password of a user.
update users set email = :email, password_hash = :password_hash where id = :id;

-- name: insert_session!
-- Remembers a browser that signed in.
insert into sessions (id_hash, user_id, created_at, expires_at)
values (:id_hash, :user_id, :created_at, :expires_at);

-- name: session_user^
-- Whose session is this, unless it has expired?
select u.id, u.email, u.role
from sessions s
join users u on u.id = s.user_id
where s.id_hash = :id_hash and s.expires_at > :now;

-- name: delete_session!
-- Signs a browser out.
delete from sessions where id_hash = :id_hash;

-- name: delete_expired_sessions!
-- Forgets the sessions that nobody can use any more.
delete from sessions where expires_at <= :now;

-- name: insert_secret_key!
-- Stores a secret key by its hash.
insert into secret_keys (key_hash, prefix, name, user_id, project_id, created_at, revoked_at)
values (:key_hash, :prefix, :name, :user_id, :project_id, :created_at, null);

-- name: secret_key^
-- Whose secret key is this, and for which project, unless it was revoked?
select k.user_id, k.project_id, k.prefix from secret_keys k where k.key_hash = :key_hash and k.revoked_at is null;

-- name: secret_keys_of
-- The secret keys of a user, newest first; the keys themselves are not kept.
select k.prefix, k.name, k.project_id, k.created_at, k.revoked_at
from secret_keys k
where k.user_id = :user_id
order by k.created_at desc, k.prefix;

-- name: revoke_secret_key$
-- Revokes a key by its prefix.
update secret_keys set revoked_at = :now
where user_id = :user_id and prefix = :prefix and revoked_at is null
returning prefix;
