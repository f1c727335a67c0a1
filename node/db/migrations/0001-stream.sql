-- The head of the one log. Its row lock puts the commits of all writers in order; node/stream/position.ts tells why.
create table stream_head (
  id boolean primary key default true check (id),
  position bigint not null,
  -- Raised by every start of a node: a process of an earlier epoch can store nothing more.
  epoch bigint not null
);
insert into stream_head (position, epoch) values (0, 0);
