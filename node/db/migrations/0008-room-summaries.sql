-- What a room tells about itself, one row each: the directory, previews and spaces are answered from here, and never from the rooms' state.
create table room_summaries (
  room_id text primary key,
  joined_members int not null default 0,
  -- The public directory of this server lists it.
  published boolean not null default false,
  name text,
  -- As plain text.
  topic text,
  canonical_alias text,
  avatar_url text,
  -- Null: none that is known, which lets in whoever is invited.
  join_rule text,
  -- The rooms whose members may join, where the join rule has such.
  allowed_rooms text[] not null default '{}',
  world_readable boolean not null default false,
  guest_can_join boolean not null default false,
  room_type text,
  encryption text,
  -- Name, topic and alias as searches compare them.
  search_text text not null default ''
);
create index room_summaries_published on room_summaries (joined_members desc, room_id) where published and joined_members > 0;

insert into room_summaries (
  room_id, joined_members, published, name, topic, canonical_alias, avatar_url, join_rule, allowed_rooms, world_readable, guest_can_join,
  room_type, encryption, search_text
)
select
  room_id, (select count(*) from members m where m.room_id = r.room_id and m.membership = 'join'),
  exists (select 1 from published_rooms p where p.room_id = r.room_id),
  s.name, s.topic, s.alias, s.avatar, s.join_rule,
  coalesce(array(select a ->> 'room_id' from json_array_elements(s.allow) a where a ->> 'room_id' is not null), '{}'),
  coalesce(s.visibility = 'world_readable', false), coalesce(s.guests = 'can_join', false), s.room_type, s.encryption,
  lower(concat_ws(E'\n', s.name, s.topic, s.alias))
from rooms r
cross join lateral (
  select
    max(e.content::json ->> 'name') filter (where c.type = 'm.room.name') as name,
    max(e.content::json ->> 'topic') filter (where c.type = 'm.room.topic') as topic,
    max(e.content::json ->> 'alias') filter (where c.type = 'm.room.canonical_alias') as alias,
    max(e.content::json ->> 'url') filter (where c.type = 'm.room.avatar') as avatar,
    max(e.content::json ->> 'join_rule') filter (where c.type = 'm.room.join_rules') as join_rule,
    max(e.content) filter (where c.type = 'm.room.join_rules' and json_typeof(e.content::json -> 'allow') = 'array')::json -> 'allow' as allow,
    max(e.content::json ->> 'history_visibility') filter (where c.type = 'm.room.history_visibility') as visibility,
    max(e.content::json ->> 'guest_access') filter (where c.type = 'm.room.guest_access') as guests,
    max(e.content::json ->> 'type') filter (where c.type = 'm.room.create') as room_type,
    max(e.content::json ->> 'algorithm') filter (where c.type = 'm.room.encryption') as encryption
  from current_state c join events e using (event_id)
  where c.room_id = r.room_id and c.state_key = ''
) s;

drop table published_rooms;
