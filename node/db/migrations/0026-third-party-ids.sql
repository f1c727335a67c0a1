-- Addresses that are somebody's beyond doubt, and mails that show it.
create table threepids (
  medium text not null,
  -- In small letters, where the medium is email.
  address text not null,
  user_id text not null references accounts (user_id) on delete cascade,
  validated_at bigint not null,
  added_at bigint not null,
  primary key (medium, address)
);
create index threepids_of_user on threepids (user_id);

-- An address that somebody is about to show to be theirs.
create table mail_validations (
  sid text primary key,
  purpose text not null,
  email text not null,
  client_secret_hash text not null,
  send_attempt bigint not null,
  next_link text,
  validated_at bigint,
  expires_at bigint not null,
  unique (purpose, email, client_secret_hash)
);
create index mail_validations_by_expiry on mail_validations (expires_at);

-- The links in the mails: every mail has one of its own.
create table mail_links (
  token_hash text primary key,
  sid text not null references mail_validations (sid) on delete cascade,
  expires_at bigint not null
);
create index mail_links_of_validation on mail_links (sid);
