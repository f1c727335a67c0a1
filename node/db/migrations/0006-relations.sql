-- How events relate to earlier ones (spec/room/relation.ts): one row for each event of the log that states a relation.
create table relations (
  child_id text primary key,
  room_id text not null,
  -- Named by the child; it need not exist.
  parent_id text not null,
  rel_type text not null,
  -- Of an annotation.
  key text,
  -- Of the child, as the events of a parent are chosen by these.
  type text not null,
  sender text not null,
  origin_server_ts bigint not null,
  position bigint not null
);
create index relations_of_parent on relations (room_id, parent_id, position);
create index relations_of_sender on relations (room_id, parent_id, rel_type, sender);
create index relations_in_threads on relations (room_id, sender, parent_id) where rel_type = 'm.thread';

-- What the list of a room's threads is made from: the rows of `relations` with m.thread, summed up.
create table threads (
  room_id text not null,
  root_id text not null,
  -- Null while the root is not known.
  root_sender text,
  count int not null,
  -- Of the newest event in it.
  latest_position bigint not null,
  primary key (room_id, root_id)
);
create index threads_by_activity on threads (room_id, latest_position);
create index threads_of_sender on threads (room_id, root_sender);

insert into relations (child_id, room_id, parent_id, rel_type, key, type, sender, origin_server_ts, position)
select event_id, room_id, relation ->> 'event_id', relation ->> 'rel_type',
  case when relation ->> 'rel_type' = 'm.annotation' and json_typeof(relation -> 'key') = 'string' then relation ->> 'key' end,
  type, sender, origin_server_ts, position
from (select *, content::json -> 'm.relates_to' as relation from events where position is not null and content like '%"m.relates_to"%') e
where json_typeof(relation -> 'event_id') = 'string' and relation ->> 'event_id' like '$_%' and octet_length(relation ->> 'event_id') <= 255
  and json_typeof(relation -> 'rel_type') = 'string' and octet_length(relation ->> 'rel_type') between 1 and 255
  and (relation ->> 'rel_type' <> 'm.replace'
    or (state_key is null and (type = 'm.room.encrypted' or json_typeof(content::json -> 'm.new_content') = 'object')));

insert into threads (room_id, root_id, root_sender, count, latest_position)
select r.room_id, r.parent_id, e.sender, count(*), max(r.position)
from relations r left join events e on e.event_id = r.parent_id and e.room_id = r.room_id
where r.rel_type = 'm.thread' group by r.room_id, r.parent_id, e.sender;
