-- The people of this node. Times are milliseconds since the Unix epoch everywhere.
create table accounts (
  user_id text primary key,
  -- A PHC string of argon2id; null where nobody can log in by password.
  password_hash text,
  is_admin boolean not null default false,
  created_at bigint not null,
  deactivated_at bigint,
  -- The terms that were in force, and agreed to, when the account was made.
  accepted_terms_url text,
  displayname text,
  avatar_url text,
  -- The other fields of the profile, as one JSON object.
  profile_fields text not null default '{}',
  -- The localpart, a line feed, and the display name, folded for the directory (node/accounts/fold.ts).
  search_text text not null
);

-- One login each. What belongs to a device goes when the device goes.
create table devices (
  user_id text not null references accounts,
  device_id text not null,
  display_name text,
  created_at bigint not null,
  -- Written in batches, up to a minute late.
  last_seen_at bigint,
  last_seen_address text,
  last_seen_user_agent text,
  primary key (user_id, device_id)
);

-- The tokens of a device: an access token and perhaps what renews it. Only SHA-256 of a token is kept, in base64.
create table token_pairs (
  access_hash text primary key,
  -- Null: until logout.
  access_expires_at bigint,
  refresh_hash text unique,
  -- The refresh token that was exchanged for this pair. It stays valid until a token of this pair is used; node/accounts/refresh.ts tells why.
  replaced_refresh_hash text,
  is_used boolean not null,
  user_id text not null,
  device_id text not null,
  created_at bigint not null,
  foreign key (user_id, device_id) references devices on delete cascade
);
create index token_pairs_of_device on token_pairs (user_id, device_id);
create index token_pairs_by_replaced on token_pairs (replaced_refresh_hash) where replaced_refresh_hash is not null;

-- Registration tokens, each for one person: invitations, and the set-up link of a node that nobody has claimed.
create table registration_tokens (
  token_hash text primary key,
  token_id text not null unique,
  -- The set-up link is printed again by every start, so it alone is kept readable, until it is used.
  setup_token text,
  grants_admin boolean not null default false,
  created_by text references accounts,
  created_at bigint not null,
  expires_at bigint,
  used_at bigint,
  used_by text references accounts
);
create unique index registration_tokens_one_setup on registration_tokens (grants_admin) where setup_token is not null;
create index registration_tokens_by_maker on registration_tokens (created_by, created_at);

-- User-interactive authentication under way. The request is kept as a MAC under the session id, whose hash alone is here.
create table auth_sessions (
  session_hash text primary key,
  request_mac text not null,
  -- The stages done, in order, each with what it found: [["m.login.registration_token", "<token hash>"], ...]
  completed text not null,
  user_id text references accounts on delete cascade,
  expires_at bigint not null
);
create index auth_sessions_by_expiry on auth_sessions (expires_at);

-- Wrong passwords by account and address. The account is what was typed: it need not exist.
create table login_failures (
  account text not null,
  address text not null,
  failures int not null,
  since bigint not null,
  primary key (account, address)
);
create index login_failures_by_age on login_failures (since);

create table account_data (
  user_id text not null references accounts,
  -- Empty: of the account, not of a room.
  room_id text not null default '',
  type text not null,
  content text not null,
  position bigint not null,
  primary key (user_id, room_id, type)
);
create index account_data_by_position on account_data (user_id, position);

create table filters (
  user_id text not null references accounts,
  -- Made from the definition: the same filter has the same id.
  filter_id text not null,
  definition text not null,
  primary key (user_id, filter_id)
);
