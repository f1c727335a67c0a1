-- What can be found. A message that was edited has a row for each of its texts, of which the newest is current.
create table search_texts (
  -- Where the text stands: the event itself, or an edit of it.
  source_id text primary key,
  event_id text not null,
  room_id text not null,
  key text not null,
  position bigint not null,
  is_current boolean not null,
  words tsvector not null
);
create index search_texts_by_word on search_texts using gin (words) where is_current;
create index search_texts_of_event on search_texts (event_id);

-- How far in the log everything has been read.
create table search_progress (
  id boolean primary key default true check (id),
  position bigint not null
);
insert into search_progress (position) values (0);
