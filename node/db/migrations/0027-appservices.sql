-- How far application services have been told of the log, and what each is being told now: once it has an id, a transaction does not change.
create table appservice_progress (
  appservice_id text primary key,
  -- Everything up to here has been taken by the service, or does not concern it.
  position bigint not null,
  txn_id text,
  -- JSON.
  body text,
  up_to bigint,
  check ((txn_id is null) = (body is null) and (txn_id is null) = (up_to is null))
);

-- From when to when a user of a service was in a room; what else happens to such a user, an invitation say, spans the position of its event alone.
-- What is of the time before the service's own position goes.
create table appservice_members (
  appservice_id text not null,
  room_id text not null,
  user_id text not null,
  from_position bigint not null,
  until_position bigint,
  primary key (appservice_id, room_id, user_id, from_position)
);
create index appservice_members_past on appservice_members (appservice_id, until_position) where until_position is not null;

-- Rooms in the directories that services keep for the networks that they reach.
create table appservice_rooms (
  appservice_id text not null,
  network_id text not null,
  room_id text not null,
  primary key (appservice_id, network_id, room_id)
);
create index appservice_rooms_by_room on appservice_rooms (room_id);
