-- Where a person's notifications are pushed to. It goes with the session that set it.
create table pushers (
  user_id text not null,
  app_id text not null,
  pushkey text not null,
  device_id text not null,
  app_display_name text not null,
  device_display_name text not null,
  profile_tag text,
  lang text not null,
  -- A JSON object: where to, in which form, and what else the client tells its gateway.
  data text not null,
  enabled boolean not null,
  -- When it was last set.
  set_at bigint not null,
  -- Everything up to here has been pushed, or need not be.
  position bigint not null,
  -- The count of unread messages that the gateway was told last.
  badge int not null default 0,
  primary key (app_id, pushkey, user_id),
  foreign key (user_id, device_id) references devices on delete cascade
);
create index pushers_of_device on pushers (user_id, device_id);
