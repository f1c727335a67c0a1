-- Files. What a file holds is kept once, by its hash, outside the database (node/media/blob-store.ts); here stands who uploaded what.
create table media_blobs (
  -- In hexadecimal.
  sha256 text primary key,
  size_bytes bigint not null,
  -- When somebody last began to store these bytes: what nobody refers to goes some time after that.
  touched_at bigint not null,
  -- Since when an administrator forbids these bytes.
  quarantined_at bigint
);

create table media (
  -- The server that the file was uploaded to, as in mxc://origin/media_id.
  origin text not null,
  media_id text not null,
  -- Null for what no person of this node uploaded: pictures of previews, files of other servers.
  user_id text,
  created_at bigint not null,
  -- Null: announced, and to be uploaded before expires_at.
  sha256 text references media_blobs,
  expires_at bigint,
  size_bytes bigint not null default 0,
  content_type text not null default 'application/octet-stream',
  filename text,
  uploaded_at bigint,
  primary key (origin, media_id)
);

create index media_by_user on media (user_id, uploaded_at);
create index media_by_blob on media (sha256);
create index media_awaited on media (expires_at) where sha256 is null;
