-- Smaller pictures of pictures, by what they were drawn from and how.
create table media_thumbnails (
  source_sha256 text not null references media_blobs on delete cascade,
  method text not null,
  width int not null,
  height int not null,
  animated boolean not null,
  -- Null: there can be none, and problem says why.
  sha256 text references media_blobs,
  content_type text not null,
  size_bytes bigint not null,
  problem text,
  primary key (source_sha256, method, width, height, animated)
);

create index media_thumbnails_by_blob on media_thumbnails (sha256);
