-- Rooms that nobody of this server may enter.
create table blocked_rooms (
  room_id text primary key,
  blocked_by text not null references accounts,
  blocked_at bigint not null
);

-- Rooms that are being deleted, or were.
create table room_deletions (
  delete_id text primary key,
  room_id text not null,
  asked_by text not null references accounts,
  asked_at bigint not null,
  -- Nobody may enter it afterwards, where it is kept or its id comes again.
  blocks boolean not null,
  -- All that is known of it goes, not only its people.
  purges boolean not null,
  -- scheduled, active or complete.
  status text not null,
  kicked text[] not null default '{}',
  local_aliases text[] not null default '{}'
);
create index room_deletions_of_room on room_deletions (room_id);
