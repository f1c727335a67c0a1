-- An account in whose name the server itself speaks: nobody logs in with it, and nobody finds it.
alter table accounts add column is_system boolean not null default false;

-- The one room in which the server speaks to a user.
create table server_notice_rooms (
  user_id text primary key references accounts,
  room_id text not null unique
);
