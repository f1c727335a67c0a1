-- Which events name which files of this server, where the node can read it: in encrypted rooms it cannot.
create table media_references (
  event_id text not null,
  media_id text not null,
  -- The event shows the file as its own (1): if it is redacted, the file goes too. Others (0) only mention it, as a custom emoji.
  is_own int not null,
  primary key (event_id, media_id)
);

create index media_references_by_media on media_references (media_id);

-- What addresses of the web look like, for a while.
create table url_previews (
  url text not null,
  -- The answer, as JSON.
  preview text not null,
  fetched_at bigint not null,
  expires_at bigint not null,
  -- The picture, a file of this server.
  image_media_id text,
  primary key (url, fetched_at)
);

create index url_previews_by_expiry on url_previews (expires_at);
