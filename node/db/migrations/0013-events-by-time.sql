-- The event nearest to a moment.
create index events_by_time on events (room_id, origin_server_ts) where position is not null;
