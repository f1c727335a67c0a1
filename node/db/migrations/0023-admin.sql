-- What administrators have done: a row for each call, written before it is answered.
create table admin_calls (
  id bigint generated always as identity primary key,
  -- Nobody: whoever knows the shared secret of registration.
  caller text,
  method text not null,
  path text not null,
  -- The parameters of the path.
  target text not null,
  called_at bigint not null
);
create index admin_calls_by_time on admin_calls (called_at);

-- Registration tokens of administrators are kept readable, because their tools show them, and may be used several times, or without end.
alter table registration_tokens add column plain_token text unique;
alter table registration_tokens add column uses_allowed integer default 1;
alter table registration_tokens add column completed integer not null default 0;
update registration_tokens set completed = 1 where used_at is not null;
