-- How far people have read, by kind of receipt and thread.
create table receipts (
  room_id text not null,
  user_id text not null,
  receipt_type text not null,
  -- Empty: for all threads.
  thread_id text not null default '',
  event_id text not null,
  event_position bigint not null,
  received_at bigint not null,
  position bigint not null,
  primary key (room_id, user_id, receipt_type, thread_id)
);
create index receipts_by_position on receipts (room_id, position);

-- Up to where nothing is unread to a person: rooms.attention_count as it was at what they read, or sent, or at their joining.
create table read_marks (
  user_id text not null,
  room_id text not null,
  attention_count int not null,
  primary key (user_id, room_id)
);

-- Messages that mention a person by name, each by the attention_count it brought the room to. Those at or below the read mark are
-- read, and go when the next one comes.
create table highlights (
  user_id text not null,
  room_id text not null,
  attention_count int not null,
  primary key (user_id, room_id, attention_count)
);
