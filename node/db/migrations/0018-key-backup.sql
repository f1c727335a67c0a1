-- Keys of sessions that clients keep here, encrypted by them. A backup that was deleted stays as a name, so that the name is not given again.
create table key_backups (
  user_id text not null references accounts,
  version bigint not null,
  algorithm text not null,
  auth_data text not null,
  -- How often its keys have changed.
  etag bigint not null default 0,
  key_count int not null default 0,
  is_deleted boolean not null default false,
  primary key (user_id, version)
);

create table backed_up_keys (
  user_id text not null,
  version bigint not null,
  room_id text not null,
  session_id text not null,
  is_verified boolean not null,
  first_message_index bigint not null,
  forwarded_count bigint not null,
  -- JSON of all of it, as the client sent it.
  key text not null,
  primary key (user_id, version, room_id, session_id),
  foreign key (user_id, version) references key_backups
);
