-- Events that are handed over now, and sent later unless they are cancelled (MSC4140).
create table delayed_events (
  delay_id text primary key,
  user_id text not null references accounts (user_id),
  device_id text not null,
  -- What makes a repeated request the same; null where the request has no transaction id.
  txn_key text,
  room_id text not null,
  type text not null,
  state_key text,
  content text not null,
  delay_ms bigint not null,
  running_since bigint not null,
  send_at bigint not null,
  -- From here on: null while it is scheduled.
  finalised_at bigint,
  -- send or cancel
  outcome text,
  -- action, delay or error
  reason text,
  -- JSON
  error text,
  event_id text,
  unique (user_id, device_id, txn_key)
);
create index delayed_events_due on delayed_events (send_at) where finalised_at is null;
create index delayed_events_of_user on delayed_events (user_id, send_at, delay_id);
create index delayed_events_of_state on delayed_events (room_id, type, state_key) where finalised_at is null and state_key is not null;
create index delayed_events_by_age on delayed_events (finalised_at) where finalised_at is not null;
