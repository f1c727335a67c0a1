-- What notifies everybody whose rules leave it at what is predefined: one row for an event, however many people are in the room. What is
-- unread is the difference of two of these rows.
create table room_notifications (
  room_id text not null,
  -- The root of the thread that the event belongs to, or main.
  thread_id text not null,
  -- Of the event.
  position bigint not null,
  -- How many events of the thread have notified so far, this one included, and how many of these stand out.
  notified int not null,
  highlighted int not null,
  highlights boolean not null,
  -- The event has been redacted: it counts no more.
  withdrawn boolean not null default false,
  primary key (room_id, thread_id, position)
);
create index room_notifications_withdrawn on room_notifications (room_id, thread_id, position) where withdrawn;
create index room_notifications_by_position on room_notifications (room_id, position);

-- The threads of a room that have notified anybody, and how far they have come.
create table notification_threads (
  room_id text not null,
  thread_id text not null,
  -- Of the last event that notified somebody.
  position bigint not null,
  notified int not null,
  highlighted int not null,
  primary key (room_id, thread_id)
);
create index notification_threads_by_position on notification_threads (room_id, position);

-- Where an event is to one person something else than to everybody: they are mentioned, have rules of their own, ignore its sender.
create table notification_exceptions (
  user_id text not null,
  room_id text not null,
  position bigint not null,
  thread_id text not null,
  -- What it adds to their count: 1, 0 or -1.
  notified smallint not null,
  highlighted smallint not null,
  -- What the event is to them in the end.
  notifies boolean not null,
  highlights boolean not null,
  primary key (user_id, room_id, position)
);
create index notification_exceptions_by_event on notification_exceptions (room_id, position);
create index notification_exceptions_by_position on notification_exceptions (user_id, position);

-- Times in which plain messages of a room do not notify a person by their own rules: of what lies after from_position and up to
-- to_position, only exceptions count.
create table quiet_spans (
  user_id text not null,
  room_id text not null,
  from_position bigint not null,
  -- Null: it lasts.
  to_position bigint,
  primary key (user_id, room_id, from_position)
);
create unique index quiet_spans_that_last on quiet_spans (room_id, user_id) where to_position is null;

-- From the counts of rooms, which knew no threads.
insert into room_notifications (room_id, thread_id, position, notified, highlighted, highlights, withdrawn)
select room_id, thread_id, position, row_number() over (partition by room_id, thread_id order by position), 0, false, redacted_by is not null
from (
  select e.room_id, e.position, e.redacted_by, e.attention_count,
    lag(e.attention_count, 1, 0) over (partition by e.room_id order by e.position) as before,
    case when e.content::json #>> '{m.relates_to,rel_type}' = 'm.thread' then coalesce(e.content::json #>> '{m.relates_to,event_id}', 'main')
      else 'main' end as thread_id
  from events e where e.position is not null
) e
where attention_count > before;

insert into notification_threads (room_id, thread_id, position, notified, highlighted)
select distinct on (room_id, thread_id) room_id, thread_id, position, notified, highlighted
from room_notifications order by room_id, thread_id, position desc;

insert into notification_exceptions (user_id, room_id, position, thread_id, notified, highlighted, notifies, highlights)
select h.user_id, h.room_id, n.position, n.thread_id, 0, 1, true, true
from highlights h
cross join lateral (
  select min(e.position) as position from events e where e.room_id = h.room_id and e.attention_count = h.attention_count
) e
join room_notifications n on n.room_id = h.room_id and n.position = e.position and not n.withdrawn;
drop table highlights;

-- Marks stand at events, and in threads.
alter table read_marks add column thread_id text not null default '', add column position bigint;
update read_marks m set position = coalesce((
  select max(e.position) from events e where e.room_id = m.room_id and e.attention_count <= m.attention_count), 0);
alter table read_marks
  alter column position set not null, drop column attention_count,
  drop constraint read_marks_pkey, add primary key (user_id, room_id, thread_id);
