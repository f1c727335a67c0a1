-- What people report to the administrators: a room, an event in it, or a user.
create table reports (
  report_id bigint generated always as identity primary key,
  reporter text not null,
  room_id text,
  event_id text,
  -- Who is reported, or who sent the event.
  user_id text,
  reason text not null,
  reported_at bigint not null
);
