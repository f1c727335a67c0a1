-- Later work, written in the transaction that causes it.
create table jobs (
  id bigint generated always as identity primary key,
  kind text not null,
  -- One at a time, in the order of their ids.
  lane text not null,
  -- Of two with one key the second only confirms the first.
  key text,
  payload text not null,
  run_at bigint not null,
  attempts int not null default 0,
  last_error text,
  -- How often it was asked for: what is asked for again while it runs, runs again.
  asked int not null default 1,
  -- Which start of the node works on it, and until when; a lease of an earlier start is void.
  lease_epoch bigint,
  leased_until bigint,
  -- Given up: kept to be looked at.
  failed_at bigint,
  unique (kind, key)
);
create index jobs_due on jobs (run_at) where failed_at is null;
create index jobs_of_lane on jobs (lane, id) where failed_at is null;
