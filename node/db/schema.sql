create table account_data (
  user_id text not null,
  room_id text not null default ''::text,
  type text not null,
  content text not null,
  "position" bigint not null,
  constraint account_data_pkey PRIMARY KEY (user_id, room_id, type)
);

create table accounts (
  user_id text not null,
  password_hash text,
  is_admin boolean not null default false,
  created_at bigint not null,
  deactivated_at bigint,
  accepted_terms_url text,
  displayname text,
  avatar_url text,
  profile_fields text not null default '{}'::text,
  search_text text not null,
  locked_at bigint,
  suspended_at bigint,
  erased_at_position bigint,
  appservice_id text,
  is_system boolean not null default false,
  constraint accounts_pkey PRIMARY KEY (user_id)
);

create table admin_calls (
  id bigint not null generated always as identity,
  caller text,
  method text not null,
  path text not null,
  target text not null,
  called_at bigint not null,
  constraint admin_calls_pkey PRIMARY KEY (id)
);

create table appservice_members (
  appservice_id text not null,
  room_id text not null,
  user_id text not null,
  from_position bigint not null,
  until_position bigint,
  constraint appservice_members_pkey PRIMARY KEY (appservice_id, room_id, user_id, from_position)
);

create table appservice_progress (
  appservice_id text not null,
  "position" bigint not null,
  txn_id text,
  body text,
  up_to bigint,
  constraint appservice_progress_pkey PRIMARY KEY (appservice_id),
  constraint appservice_progress_check CHECK ((((txn_id IS NULL) = (body IS NULL)) AND ((txn_id IS NULL) = (up_to IS NULL))))
);

create table appservice_rooms (
  appservice_id text not null,
  network_id text not null,
  room_id text not null,
  constraint appservice_rooms_pkey PRIMARY KEY (appservice_id, network_id, room_id)
);

create table auth_sessions (
  session_hash text not null,
  request_mac text not null,
  completed text not null,
  user_id text,
  expires_at bigint not null,
  constraint auth_sessions_pkey PRIMARY KEY (session_hash)
);

create table backed_up_keys (
  user_id text not null,
  version bigint not null,
  room_id text not null,
  session_id text not null,
  is_verified boolean not null,
  first_message_index bigint not null,
  forwarded_count bigint not null,
  key text not null,
  constraint backed_up_keys_pkey PRIMARY KEY (user_id, version, room_id, session_id)
);

create table blocked_rooms (
  room_id text not null,
  blocked_by text not null,
  blocked_at bigint not null,
  constraint blocked_rooms_pkey PRIMARY KEY (room_id)
);

create table cross_signing_keys (
  user_id text not null,
  usage text not null,
  public_key text not null,
  key text not null,
  constraint cross_signing_keys_pkey PRIMARY KEY (user_id, usage)
);

create table current_state (
  room_id text not null,
  type text not null,
  state_key text not null,
  event_id text not null,
  "position" bigint not null,
  constraint current_state_pkey PRIMARY KEY (room_id, type, state_key)
);

create table dehydrated_devices (
  user_id text not null,
  device_id text not null,
  display_name text,
  device_data text not null,
  constraint dehydrated_devices_pkey PRIMARY KEY (user_id)
);

create table delayed_events (
  delay_id text not null,
  user_id text not null,
  device_id text not null,
  txn_key text,
  room_id text not null,
  type text not null,
  state_key text,
  content text not null,
  delay_ms bigint not null,
  running_since bigint not null,
  send_at bigint not null,
  finalised_at bigint,
  outcome text,
  reason text,
  error text,
  event_id text,
  constraint delayed_events_pkey PRIMARY KEY (delay_id),
  constraint delayed_events_user_id_device_id_txn_key_key UNIQUE (user_id, device_id, txn_key)
);

create table device_keys (
  user_id text not null,
  device_id text not null,
  keys text not null,
  constraint device_keys_pkey PRIMARY KEY (user_id, device_id)
);

create table device_list_changes (
  user_id text not null,
  seen_by text not null default ''::text,
  "position" bigint not null,
  constraint device_list_changes_pkey PRIMARY KEY (user_id, seen_by)
);

create table devices (
  user_id text not null,
  device_id text not null,
  display_name text,
  created_at bigint not null,
  last_seen_at bigint,
  last_seen_address text,
  last_seen_user_agent text,
  constraint devices_pkey PRIMARY KEY (user_id, device_id)
);

create table event_transactions (
  user_id text not null,
  device_id text not null,
  scope text not null,
  txn_id text not null,
  event_id text not null,
  created_at bigint not null,
  constraint event_transactions_pkey PRIMARY KEY (user_id, device_id, scope, txn_id)
);

create table events (
  event_id text not null,
  room_id text not null,
  "position" bigint,
  type text not null,
  state_key text,
  sender text not null,
  origin_server_ts bigint not null,
  depth bigint not null,
  state_before bigint,
  content text not null,
  envelope text not null,
  redacted_by text,
  constraint events_pkey PRIMARY KEY (event_id),
  constraint events_position_key UNIQUE ("position")
);

create table fallback_keys (
  user_id text not null,
  device_id text not null,
  algorithm text not null,
  key_id text not null,
  key text not null,
  used boolean not null default false,
  constraint fallback_keys_pkey PRIMARY KEY (user_id, device_id, algorithm)
);

create table filters (
  user_id text not null,
  filter_id text not null,
  definition text not null,
  constraint filters_pkey PRIMARY KEY (user_id, filter_id)
);

create table jobs (
  id bigint not null generated always as identity,
  kind text not null,
  lane text not null,
  key text,
  payload text not null,
  run_at bigint not null,
  attempts integer not null default 0,
  last_error text,
  asked integer not null default 1,
  lease_epoch bigint,
  leased_until bigint,
  failed_at bigint,
  constraint jobs_pkey PRIMARY KEY (id),
  constraint jobs_kind_key_key UNIQUE (kind, key)
);

create table key_backups (
  user_id text not null,
  version bigint not null,
  algorithm text not null,
  auth_data text not null,
  etag bigint not null default 0,
  key_count integer not null default 0,
  is_deleted boolean not null default false,
  constraint key_backups_pkey PRIMARY KEY (user_id, version)
);

create table key_signatures (
  signer text not null,
  signing_key_id text not null,
  target_user_id text not null,
  target_key text not null,
  signature text not null,
  constraint key_signatures_pkey PRIMARY KEY (target_user_id, target_key, signer, signing_key_id)
);

create table login_failures (
  account text not null,
  address text not null,
  failures integer not null,
  since bigint not null,
  constraint login_failures_pkey PRIMARY KEY (account, address)
);

create table login_tokens (
  token_hash text not null,
  user_id text not null,
  expires_at bigint not null,
  constraint login_tokens_pkey PRIMARY KEY (token_hash)
);

create table mail_links (
  token_hash text not null,
  sid text not null,
  expires_at bigint not null,
  constraint mail_links_pkey PRIMARY KEY (token_hash)
);

create table mail_validations (
  sid text not null,
  purpose text not null,
  email text not null,
  client_secret_hash text not null,
  send_attempt bigint not null,
  next_link text,
  validated_at bigint,
  expires_at bigint not null,
  constraint mail_validations_pkey PRIMARY KEY (sid),
  constraint mail_validations_purpose_email_client_secret_hash_key UNIQUE (purpose, email, client_secret_hash)
);

create table media (
  origin text not null,
  media_id text not null,
  user_id text,
  created_at bigint not null,
  sha256 text,
  expires_at bigint,
  size_bytes bigint not null default 0,
  content_type text not null default 'application/octet-stream'::text,
  filename text,
  uploaded_at bigint,
  constraint media_pkey PRIMARY KEY (origin, media_id)
);

create table media_blobs (
  sha256 text not null,
  size_bytes bigint not null,
  touched_at bigint not null,
  quarantined_at bigint,
  constraint media_blobs_pkey PRIMARY KEY (sha256)
);

create table media_references (
  event_id text not null,
  media_id text not null,
  is_own integer not null,
  constraint media_references_pkey PRIMARY KEY (event_id, media_id)
);

create table media_thumbnails (
  source_sha256 text not null,
  method text not null,
  width integer not null,
  height integer not null,
  animated boolean not null,
  sha256 text,
  content_type text not null,
  size_bytes bigint not null,
  problem text,
  constraint media_thumbnails_pkey PRIMARY KEY (source_sha256, method, width, height, animated)
);

create table members (
  room_id text not null,
  user_id text not null,
  membership text not null,
  event_id text not null,
  displayname text,
  avatar_url text,
  "position" bigint not null,
  membership_position bigint not null,
  forgotten boolean not null default false,
  constraint members_pkey PRIMARY KEY (room_id, user_id)
);

create table notification_exceptions (
  user_id text not null,
  room_id text not null,
  "position" bigint not null,
  thread_id text not null,
  notified smallint not null,
  highlighted smallint not null,
  notifies boolean not null,
  highlights boolean not null,
  constraint notification_exceptions_pkey PRIMARY KEY (user_id, room_id, "position")
);

create table notification_threads (
  room_id text not null,
  thread_id text not null,
  "position" bigint not null,
  notified integer not null,
  highlighted integer not null,
  constraint notification_threads_pkey PRIMARY KEY (room_id, thread_id)
);

create table one_time_keys (
  user_id text not null,
  device_id text not null,
  algorithm text not null,
  key_id text not null,
  key text not null,
  ordinal bigint not null generated always as identity,
  claimed boolean not null default false,
  constraint one_time_keys_pkey PRIMARY KEY (user_id, device_id, algorithm, key_id)
);

create table openid_tokens (
  token_hash text not null,
  user_id text not null,
  expires_at bigint not null,
  constraint openid_tokens_pkey PRIMARY KEY (token_hash)
);

create table presence (
  user_id text not null,
  state text not null,
  status_msg text,
  last_active_at bigint not null,
  "position" bigint not null,
  constraint presence_pkey PRIMARY KEY (user_id)
);

create table pushers (
  user_id text not null,
  app_id text not null,
  pushkey text not null,
  device_id text not null,
  app_display_name text not null,
  device_display_name text not null,
  profile_tag text,
  lang text not null,
  data text not null,
  enabled boolean not null,
  set_at bigint not null,
  "position" bigint not null,
  badge integer not null default 0,
  constraint pushers_pkey PRIMARY KEY (app_id, pushkey, user_id)
);

create table quiet_spans (
  user_id text not null,
  room_id text not null,
  from_position bigint not null,
  to_position bigint,
  constraint quiet_spans_pkey PRIMARY KEY (user_id, room_id, from_position)
);

create table read_marks (
  user_id text not null,
  room_id text not null,
  thread_id text not null default ''::text,
  "position" bigint not null,
  constraint read_marks_pkey PRIMARY KEY (user_id, room_id, thread_id)
);

create table receipts (
  room_id text not null,
  user_id text not null,
  receipt_type text not null,
  thread_id text not null default ''::text,
  event_id text not null,
  event_position bigint not null,
  received_at bigint not null,
  "position" bigint not null,
  constraint receipts_pkey PRIMARY KEY (room_id, user_id, receipt_type, thread_id)
);

create table registration_tokens (
  token_hash text not null,
  token_id text not null,
  setup_token text,
  grants_admin boolean not null default false,
  created_by text,
  created_at bigint not null,
  expires_at bigint,
  used_at bigint,
  used_by text,
  plain_token text,
  uses_allowed integer default 1,
  completed integer not null default 0,
  constraint registration_tokens_pkey PRIMARY KEY (token_hash),
  constraint registration_tokens_plain_token_key UNIQUE (plain_token),
  constraint registration_tokens_token_id_key UNIQUE (token_id)
);

create table relations (
  child_id text not null,
  room_id text not null,
  parent_id text not null,
  rel_type text not null,
  key text,
  type text not null,
  sender text not null,
  origin_server_ts bigint not null,
  "position" bigint not null,
  constraint relations_pkey PRIMARY KEY (child_id)
);

create table reports (
  report_id bigint not null generated always as identity,
  reporter text not null,
  room_id text,
  event_id text,
  user_id text,
  reason text not null,
  reported_at bigint not null,
  constraint reports_pkey PRIMARY KEY (report_id)
);

create table room_aliases (
  alias text not null,
  room_id text not null,
  created_by text not null,
  constraint room_aliases_pkey PRIMARY KEY (alias)
);

create table room_deletions (
  delete_id text not null,
  room_id text not null,
  asked_by text not null,
  asked_at bigint not null,
  blocks boolean not null,
  purges boolean not null,
  status text not null,
  kicked text[] not null default '{}'::text[],
  local_aliases text[] not null default '{}'::text[],
  constraint room_deletions_pkey PRIMARY KEY (delete_id)
);

create table room_notifications (
  room_id text not null,
  thread_id text not null,
  "position" bigint not null,
  notified integer not null,
  highlighted integer not null,
  highlights boolean not null,
  withdrawn boolean not null default false,
  constraint room_notifications_pkey PRIMARY KEY (room_id, thread_id, "position")
);

create table room_summaries (
  room_id text not null,
  joined_members integer not null default 0,
  published boolean not null default false,
  name text,
  topic text,
  canonical_alias text,
  avatar_url text,
  join_rule text,
  allowed_rooms text[] not null default '{}'::text[],
  world_readable boolean not null default false,
  guest_can_join boolean not null default false,
  room_type text,
  encryption text,
  search_text text not null default ''::text,
  constraint room_summaries_pkey PRIMARY KEY (room_id)
);

create table rooms (
  room_id text not null,
  version text not null,
  heads text not null,
  state_layer bigint not null,
  constraint rooms_pkey PRIMARY KEY (room_id)
);

create table search_progress (
  id boolean not null default true,
  "position" bigint not null,
  constraint search_progress_pkey PRIMARY KEY (id),
  constraint search_progress_id_check CHECK (id)
);

create table search_texts (
  source_id text not null,
  event_id text not null,
  room_id text not null,
  key text not null,
  "position" bigint not null,
  is_current boolean not null,
  words tsvector not null,
  constraint search_texts_pkey PRIMARY KEY (source_id)
);

create table server_notice_rooms (
  user_id text not null,
  room_id text not null,
  constraint server_notice_rooms_pkey PRIMARY KEY (user_id),
  constraint server_notice_rooms_room_id_key UNIQUE (room_id)
);

create table state_changes (
  room_id text not null,
  "position" bigint not null,
  type text not null,
  state_key text not null,
  event_id text not null,
  constraint state_changes_pkey PRIMARY KEY (room_id, "position", type, state_key)
);

create table state_layers (
  layer bigint not null,
  room_id text not null,
  ordinal integer not null,
  chain bigint[] not null,
  delta text not null,
  constraint state_layers_pkey PRIMARY KEY (layer)
);

create table stream_head (
  id boolean not null default true,
  "position" bigint not null,
  epoch bigint not null,
  constraint stream_head_pkey PRIMARY KEY (id),
  constraint stream_head_id_check CHECK (id)
);

create table threads (
  room_id text not null,
  root_id text not null,
  root_sender text,
  count integer not null,
  latest_position bigint not null,
  constraint threads_pkey PRIMARY KEY (room_id, root_id)
);

create table threepids (
  medium text not null,
  address text not null,
  user_id text not null,
  validated_at bigint not null,
  added_at bigint not null,
  constraint threepids_pkey PRIMARY KEY (medium, address)
);

create table to_device_messages (
  user_id text not null,
  device_id text not null,
  "position" bigint not null,
  sender text not null,
  type text not null,
  content text not null,
  told_at bigint,
  constraint to_device_messages_pkey PRIMARY KEY (user_id, device_id, "position")
);

create table to_device_transactions (
  user_id text not null,
  device_id text not null,
  type text not null,
  txn_id text not null,
  created_at bigint not null,
  constraint to_device_transactions_pkey PRIMARY KEY (user_id, device_id, type, txn_id)
);

create table token_pairs (
  access_hash text not null,
  access_expires_at bigint,
  refresh_hash text,
  replaced_refresh_hash text,
  is_used boolean not null,
  user_id text not null,
  device_id text not null,
  created_at bigint not null,
  constraint token_pairs_pkey PRIMARY KEY (access_hash),
  constraint token_pairs_refresh_hash_key UNIQUE (refresh_hash)
);

create table unannounced_device_changes (
  id bigint not null generated always as identity,
  user_id text not null,
  seen_by text not null default ''::text,
  constraint unannounced_device_changes_pkey PRIMARY KEY (id)
);

create table url_previews (
  url text not null,
  preview text not null,
  fetched_at bigint not null,
  expires_at bigint not null,
  image_media_id text,
  constraint url_previews_pkey PRIMARY KEY (url, fetched_at)
);

CREATE INDEX account_data_by_position ON account_data USING btree (user_id, "position");

CREATE INDEX accounts_erased ON accounts USING btree (user_id) WHERE (erased_at_position IS NOT NULL);

CREATE INDEX accounts_restricted ON accounts USING btree (user_id) WHERE ((locked_at IS NOT NULL) OR (suspended_at IS NOT NULL));

CREATE INDEX admin_calls_by_time ON admin_calls USING btree (called_at);

CREATE INDEX appservice_members_past ON appservice_members USING btree (appservice_id, until_position) WHERE (until_position IS NOT NULL);

CREATE INDEX appservice_rooms_by_room ON appservice_rooms USING btree (room_id);

CREATE INDEX auth_sessions_by_expiry ON auth_sessions USING btree (expires_at);

CREATE INDEX delayed_events_by_age ON delayed_events USING btree (finalised_at) WHERE (finalised_at IS NOT NULL);

CREATE INDEX delayed_events_due ON delayed_events USING btree (send_at) WHERE (finalised_at IS NULL);

CREATE INDEX delayed_events_of_state ON delayed_events USING btree (room_id, type, state_key) WHERE ((finalised_at IS NULL) AND (state_key IS NOT NULL));

CREATE INDEX delayed_events_of_user ON delayed_events USING btree (user_id, send_at, delay_id);

CREATE INDEX device_list_changes_by_position ON device_list_changes USING btree ("position");

CREATE INDEX event_transactions_by_age ON event_transactions USING btree (created_at);

CREATE INDEX event_transactions_by_event ON event_transactions USING btree (event_id);

CREATE INDEX events_by_time ON events USING btree (room_id, origin_server_ts) WHERE ("position" IS NOT NULL);

CREATE INDEX events_of_room ON events USING btree (room_id, "position");

CREATE INDEX jobs_due ON jobs USING btree (run_at) WHERE (failed_at IS NULL);

CREATE INDEX jobs_of_lane ON jobs USING btree (lane, id) WHERE (failed_at IS NULL);

CREATE INDEX login_failures_by_age ON login_failures USING btree (since);

CREATE INDEX login_tokens_by_expiry ON login_tokens USING btree (expires_at);

CREATE INDEX login_tokens_of_user ON login_tokens USING btree (user_id);

CREATE INDEX mail_links_of_validation ON mail_links USING btree (sid);

CREATE INDEX mail_validations_by_expiry ON mail_validations USING btree (expires_at);

CREATE INDEX media_awaited ON media USING btree (expires_at) WHERE (sha256 IS NULL);

CREATE INDEX media_by_blob ON media USING btree (sha256);

CREATE INDEX media_by_user ON media USING btree (user_id, uploaded_at);

CREATE INDEX media_references_by_media ON media_references USING btree (media_id);

CREATE INDEX media_thumbnails_by_blob ON media_thumbnails USING btree (sha256);

CREATE INDEX members_by_user ON members USING btree (user_id, membership);

CREATE INDEX notification_exceptions_by_event ON notification_exceptions USING btree (room_id, "position");

CREATE INDEX notification_exceptions_by_position ON notification_exceptions USING btree (user_id, "position");

CREATE INDEX notification_threads_by_position ON notification_threads USING btree (room_id, "position");

CREATE UNIQUE INDEX one_time_keys_to_claim ON one_time_keys USING btree (user_id, device_id, algorithm, ordinal) WHERE (NOT claimed);

CREATE INDEX openid_tokens_by_expiry ON openid_tokens USING btree (expires_at);

CREATE INDEX openid_tokens_of_user ON openid_tokens USING btree (user_id);

CREATE INDEX pushers_of_device ON pushers USING btree (user_id, device_id);

CREATE UNIQUE INDEX quiet_spans_that_last ON quiet_spans USING btree (room_id, user_id) WHERE (to_position IS NULL);

CREATE INDEX receipts_by_position ON receipts USING btree (room_id, "position");

CREATE INDEX registration_tokens_by_maker ON registration_tokens USING btree (created_by, created_at);

CREATE UNIQUE INDEX registration_tokens_one_setup ON registration_tokens USING btree (grants_admin) WHERE (setup_token IS NOT NULL);

CREATE INDEX relations_in_threads ON relations USING btree (room_id, sender, parent_id) WHERE (rel_type = 'm.thread'::text);

CREATE INDEX relations_of_parent ON relations USING btree (room_id, parent_id, "position");

CREATE INDEX relations_of_sender ON relations USING btree (room_id, parent_id, rel_type, sender);

CREATE INDEX room_aliases_of_room ON room_aliases USING btree (room_id);

CREATE INDEX room_deletions_of_room ON room_deletions USING btree (room_id);

CREATE INDEX room_notifications_by_position ON room_notifications USING btree (room_id, "position");

CREATE INDEX room_notifications_withdrawn ON room_notifications USING btree (room_id, thread_id, "position") WHERE withdrawn;

CREATE INDEX room_summaries_published ON room_summaries USING btree (joined_members DESC, room_id) WHERE (published AND (joined_members > 0));

CREATE INDEX search_texts_by_word ON search_texts USING gin (words) WHERE is_current;

CREATE INDEX search_texts_of_event ON search_texts USING btree (event_id);

CREATE INDEX state_changes_by_key ON state_changes USING btree (room_id, type, state_key, "position");

CREATE INDEX threads_by_activity ON threads USING btree (room_id, latest_position);

CREATE INDEX threads_of_sender ON threads USING btree (room_id, root_sender);

CREATE INDEX threepids_of_user ON threepids USING btree (user_id);

CREATE INDEX to_device_transactions_by_age ON to_device_transactions USING btree (created_at);

CREATE INDEX token_pairs_by_replaced ON token_pairs USING btree (replaced_refresh_hash) WHERE (replaced_refresh_hash IS NOT NULL);

CREATE INDEX token_pairs_of_device ON token_pairs USING btree (user_id, device_id);

CREATE INDEX url_previews_by_expiry ON url_previews USING btree (expires_at);

alter table account_data add constraint account_data_user_id_fkey FOREIGN KEY (user_id) REFERENCES accounts(user_id);

alter table auth_sessions add constraint auth_sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES accounts(user_id) ON DELETE CASCADE;

alter table backed_up_keys add constraint backed_up_keys_user_id_version_fkey FOREIGN KEY (user_id, version) REFERENCES key_backups(user_id, version);

alter table blocked_rooms add constraint blocked_rooms_blocked_by_fkey FOREIGN KEY (blocked_by) REFERENCES accounts(user_id);

alter table cross_signing_keys add constraint cross_signing_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES accounts(user_id);

alter table dehydrated_devices add constraint dehydrated_devices_user_id_fkey FOREIGN KEY (user_id) REFERENCES accounts(user_id);

alter table delayed_events add constraint delayed_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES accounts(user_id);

alter table device_keys add constraint device_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES accounts(user_id);

alter table devices add constraint devices_user_id_fkey FOREIGN KEY (user_id) REFERENCES accounts(user_id);

alter table fallback_keys add constraint fallback_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES accounts(user_id);

alter table filters add constraint filters_user_id_fkey FOREIGN KEY (user_id) REFERENCES accounts(user_id);

alter table key_backups add constraint key_backups_user_id_fkey FOREIGN KEY (user_id) REFERENCES accounts(user_id);

alter table key_signatures add constraint key_signatures_signer_fkey FOREIGN KEY (signer) REFERENCES accounts(user_id);

alter table login_tokens add constraint login_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES accounts(user_id) ON DELETE CASCADE;

alter table mail_links add constraint mail_links_sid_fkey FOREIGN KEY (sid) REFERENCES mail_validations(sid) ON DELETE CASCADE;

alter table media add constraint media_sha256_fkey FOREIGN KEY (sha256) REFERENCES media_blobs(sha256);

alter table media_thumbnails add constraint media_thumbnails_sha256_fkey FOREIGN KEY (sha256) REFERENCES media_blobs(sha256);

alter table media_thumbnails add constraint media_thumbnails_source_sha256_fkey FOREIGN KEY (source_sha256) REFERENCES media_blobs(sha256) ON DELETE CASCADE;

alter table one_time_keys add constraint one_time_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES accounts(user_id);

alter table openid_tokens add constraint openid_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES accounts(user_id) ON DELETE CASCADE;

alter table presence add constraint presence_user_id_fkey FOREIGN KEY (user_id) REFERENCES accounts(user_id);

alter table pushers add constraint pushers_user_id_device_id_fkey FOREIGN KEY (user_id, device_id) REFERENCES devices(user_id, device_id) ON DELETE CASCADE;

alter table registration_tokens add constraint registration_tokens_created_by_fkey FOREIGN KEY (created_by) REFERENCES accounts(user_id);

alter table registration_tokens add constraint registration_tokens_used_by_fkey FOREIGN KEY (used_by) REFERENCES accounts(user_id);

alter table room_deletions add constraint room_deletions_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES accounts(user_id);

alter table server_notice_rooms add constraint server_notice_rooms_user_id_fkey FOREIGN KEY (user_id) REFERENCES accounts(user_id);

alter table threepids add constraint threepids_user_id_fkey FOREIGN KEY (user_id) REFERENCES accounts(user_id) ON DELETE CASCADE;

alter table to_device_messages add constraint to_device_messages_user_id_fkey FOREIGN KEY (user_id) REFERENCES accounts(user_id);

alter table to_device_transactions add constraint to_device_transactions_user_id_fkey FOREIGN KEY (user_id) REFERENCES accounts(user_id);

alter table token_pairs add constraint token_pairs_user_id_device_id_fkey FOREIGN KEY (user_id, device_id) REFERENCES devices(user_id, device_id) ON DELETE CASCADE;
