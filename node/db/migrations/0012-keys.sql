-- End-to-end encryption: what devices publish about themselves, so that others can write to them. The private halves are nowhere on the server.
create table device_keys (
  user_id text not null references accounts,
  device_id text not null,
  -- The object as the device signed it.
  keys text not null,
  primary key (user_id, device_id)
);

-- Keys that are given out once. One that was claimed stays, so that it is known when it comes again, and is never given out a second time.
create table one_time_keys (
  user_id text not null references accounts,
  device_id text not null,
  algorithm text not null,
  key_id text not null,
  key text not null,
  -- Keys are claimed in the order in which they came.
  ordinal bigint generated always as identity,
  claimed boolean not null default false,
  primary key (user_id, device_id, algorithm, key_id)
);
create unique index one_time_keys_to_claim on one_time_keys (user_id, device_id, algorithm, ordinal) where not claimed;

-- Given out when there are no one-time keys left.
create table fallback_keys (
  user_id text not null references accounts,
  device_id text not null,
  algorithm text not null,
  key_id text not null,
  key text not null,
  used boolean not null default false,
  primary key (user_id, device_id, algorithm)
);

create table cross_signing_keys (
  user_id text not null references accounts,
  -- master, self_signing or user_signing
  usage text not null,
  public_key text not null,
  -- The object as it was uploaded.
  key text not null,
  primary key (user_id, usage)
);

-- Signatures that came after the keys that they are on.
create table key_signatures (
  signer text not null references accounts,
  -- "ed25519:" and the device or public key that signed.
  signing_key_id text not null,
  target_user_id text not null,
  -- The device id or the public key that is signed.
  target_key text not null,
  signature text not null,
  primary key (target_user_id, target_key, signer, signing_key_id)
);

-- When the devices or keys of a person last changed, for everybody who shares a room with them (seen_by is empty) or for one person who
-- has signed their key.
create table device_list_changes (
  user_id text not null,
  seen_by text not null default '',
  position bigint not null,
  primary key (user_id, seen_by)
);
create index device_list_changes_by_position on device_list_changes (position);

-- Changes that are stored and that the log has not heard of yet.
create table unannounced_device_changes (
  id bigint generated always as identity primary key,
  user_id text not null,
  seen_by text not null default ''
);

-- A device without a session, to which messages are sent while its owner is nowhere logged in. Its private keys are in device_data, encrypted.
create table dehydrated_devices (
  user_id text primary key references accounts,
  device_id text not null,
  display_name text,
  device_data text not null
);
