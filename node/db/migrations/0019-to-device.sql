-- Messages from device to device. One is deleted when the device has acknowledged it.
create table to_device_messages (
  user_id text not null references accounts,
  device_id text not null,
  -- Of the request that sent it: it brings a device one message at most.
  position bigint not null,
  sender text not null,
  type text not null,
  content text not null,
  -- The token of the first answer that had it; a device that comes with this token or a later one has the message.
  told_at bigint,
  primary key (user_id, device_id, position)
);

-- Requests of devices that have sent such messages: the same again sends nothing.
create table to_device_transactions (
  user_id text not null references accounts,
  device_id text not null,
  type text not null,
  txn_id text not null,
  created_at bigint not null,
  primary key (user_id, device_id, type, txn_id)
);
create index to_device_transactions_by_age on to_device_transactions (created_at);
