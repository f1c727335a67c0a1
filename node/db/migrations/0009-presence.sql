-- Whether people are there, as the log has it: one row for each who ever was. Written when somebody comes or goes, not while they stay.
create table presence (
  user_id text primary key references accounts (user_id),
  state text not null,
  status_msg text,
  last_active_at bigint not null,
  position bigint not null
);
