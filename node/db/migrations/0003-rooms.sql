create table rooms (
  room_id text primary key,
  version text not null,
  -- JSON: [[event id, depth], ...], the events that the next one will follow.
  heads text not null,
  -- The state layer after those heads.
  state_layer bigint not null,
  -- How many events so far ask for attention: unread counts are differences of this number.
  attention_count int not null
);

-- Every event once, as it was signed. The wire form is '{"content":' || content || ',' || the rest of envelope.
create table events (
  event_id text primary key,
  room_id text not null,
  -- Its place in the log; null for an event that only stands in for state or history.
  position bigint unique,
  type text not null,
  state_key text,
  sender text not null,
  origin_server_ts bigint not null,
  depth bigint not null,
  -- The state layer before the event; null where it is not known.
  state_before bigint,
  -- attention_count of the room after the event.
  attention_count int not null,
  content text not null,
  envelope text not null,
  -- The redaction that was applied: content and envelope are what it left.
  redacted_by text
);
create index events_of_room on events (room_id, position);

-- State at any event, as differences: the state of a layer is the deltas of its chain, the first of them first. A chain has at most
-- one layer for each digit of `ordinal` to base 4 (node/rooms/state-layers.ts), so any state is one read of few rows.
create table state_layers (
  layer bigint primary key,
  room_id text not null,
  ordinal int not null,
  chain bigint[] not null,
  -- JSON: [[type, state key, event id], ...]
  delta text not null
);

create table current_state (
  room_id text not null,
  type text not null,
  state_key text not null,
  event_id text not null,
  position bigint not null,
  primary key (room_id, type, state_key)
);

-- What changed in the current state, and when: the state of a room between two positions.
create table state_changes (
  room_id text not null,
  position bigint not null,
  type text not null,
  state_key text not null,
  event_id text not null,
  primary key (room_id, position, type, state_key)
);

create index state_changes_by_key on state_changes (room_id, type, state_key, position);

-- The current membership of everybody in every room: current_state of m.room.member, in a form for hot reads.
create table members (
  room_id text not null,
  user_id text not null,
  membership text not null,
  event_id text not null,
  displayname text,
  avatar_url text,
  -- Of the member event.
  position bigint not null,
  -- Since when the membership has been what it is: a change of name does not move it.
  membership_position bigint not null,
  forgotten boolean not null default false,
  primary key (room_id, user_id)
);
create index members_by_user on members (user_id, membership);

-- Which event a device made with a transaction id: asking again answers with the same event.
create table event_transactions (
  user_id text not null,
  device_id text not null,
  -- What the path says besides the transaction id.
  scope text not null,
  txn_id text not null,
  event_id text not null,
  created_at bigint not null,
  primary key (user_id, device_id, scope, txn_id)
);
create index event_transactions_by_event on event_transactions (event_id);
create index event_transactions_by_age on event_transactions (created_at);

create table room_aliases (
  alias text primary key,
  room_id text not null,
  created_by text not null
);
create index room_aliases_of_room on room_aliases (room_id);

-- The rooms that the public directory of this server lists.
create table published_rooms (
  room_id text primary key
);
