-- What administrators do to accounts, whose they are, and tokens that are good for one thing.
alter table accounts add column locked_at bigint;
alter table accounts add column suspended_at bigint;
-- The position in the log at which the account was erased: who saw its events before that still does.
alter table accounts add column erased_at_position bigint;
-- The application service that registered the account.
alter table accounts add column appservice_id text;

create index accounts_restricted on accounts (user_id) where locked_at is not null or suspended_at is not null;
create index accounts_erased on accounts (user_id) where erased_at_position is not null;

-- With which another device logs in once.
create table login_tokens (
  token_hash text primary key,
  user_id text not null references accounts (user_id) on delete cascade,
  expires_at bigint not null
);
create index login_tokens_by_expiry on login_tokens (expires_at);
create index login_tokens_of_user on login_tokens (user_id);

-- With which a user shows to another service who they are.
create table openid_tokens (
  token_hash text primary key,
  user_id text not null references accounts (user_id) on delete cascade,
  expires_at bigint not null
);
create index openid_tokens_by_expiry on openid_tokens (expires_at);
create index openid_tokens_of_user on openid_tokens (user_id);
