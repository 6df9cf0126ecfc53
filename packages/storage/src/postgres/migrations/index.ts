// Made by embed.ts from the .sql files beside it; change those. The statements are part of the program, so that they are
// found from the sources and from a bundle alike.
import type { Migration } from '../../migrate.ts'

export const MIGRATIONS: readonly Migration[] = [
  {
    number: 1,
    name: '0001-initial',
    sql: `-- All of the first schema. Integer keys inside, the ULID once in a unique index. Payloads (event bodies, outputs, memos,
-- errors) stand apart from the rows that lists read. Instants are epoch milliseconds. Rows that are written again and
-- again leave room in their page, so that a new version needs no new index entry.

CREATE TABLE meta (name text PRIMARY KEY, value bigint NOT NULL) WITH (fillfactor = 20);
-- next_key: first key that was never reserved. registry: version of apps, functions and wait paths.
-- clock_offset_ms: development's clock. newest_at: the newest instant of processes that have stopped. part: see parts.
INSERT INTO meta VALUES ('next_key', 1), ('registry', 1), ('clock_offset_ms', 0), ('newest_at', 0), ('part', 1);

-- What grows most is kept in parts: history, its errors, outputs of runs and bodies of events. A row goes into the part that is the
-- newest when it is written, and the parts of a time that nobody keeps any more are dropped whole; what runs that are kept
-- have in them is moved into the newest part before. opened_at is 0 until the first server has started.
CREATE TABLE parts (number bigint PRIMARY KEY, opened_at bigint NOT NULL);
INSERT INTO parts VALUES (1, 0);

-- Ends the transaction with an error of ours, from within a statement.
CREATE FUNCTION refuse(code text, what text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = code, MESSAGE = what;
END $$;

-- One row for each server process: its last committed group (a commit's answer may be lost), and its heartbeat by the
-- database's own clock, with which its leases end. Each new connection raises session: what an older one still does fails.
CREATE TABLE processes (
  key bigint PRIMARY KEY, session integer NOT NULL DEFAULT 0, started_at bigint NOT NULL, heartbeat_at bigint NOT NULL,
  newest_at bigint NOT NULL, group_number bigint NOT NULL DEFAULT 0, group_results text NOT NULL DEFAULT ''
) WITH (fillfactor = 10);

-- Keys that may be absent are locked by inserting them here; each is deleted again in its own transaction, so that the
-- table is always empty. Nothing of it need survive a crash.
CREATE UNLOGGED TABLE key_locks (spot bytea PRIMARY KEY)
  WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

CREATE TABLE apps (
  key bigint PRIMARY KEY, name text NOT NULL UNIQUE, url text NOT NULL, sdk_language text NOT NULL,
  sdk_version text NOT NULL, framework text NOT NULL, platform text NOT NULL, app_version text NOT NULL,
  checksum text NOT NULL, error_code text, error_message text, created_at bigint NOT NULL, synced_at bigint,
  archived_at bigint, pause text
);

CREATE TABLE functions (
  key bigint PRIMARY KEY, app bigint NOT NULL REFERENCES apps (key), slug text NOT NULL, name text NOT NULL,
  config text NOT NULL, version bigint NOT NULL, steps_max bigint, state_bytes_max bigint,
  created_at bigint NOT NULL, archived_at bigint, pause text, UNIQUE (app, slug)
);

CREATE TABLE wait_paths (name text NOT NULL, path text NOT NULL);
-- A path may be longer than an index takes.
CREATE UNIQUE INDEX wait_paths_path ON wait_paths (md5(name), md5(path));

-- part: where the event's body is. tx: the transaction that stored the event. Its place in the order of receipt is told by a snapshot, see \`since\`.
-- idle: sent by somebody, and no run came with it. One may have come later, so that it only narrows a search.
CREATE TABLE events (
  key bigint PRIMARY KEY, id text NOT NULL, event_id text NOT NULL, name text NOT NULL, ts bigint NOT NULL,
  received_at bigint NOT NULL, is_repeat boolean NOT NULL, of_run bigint, idle boolean NOT NULL, part bigint NOT NULL,
  tx xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE UNIQUE INDEX events_id ON events (id) WHERE NOT is_repeat;
CREATE INDEX events_name ON events (name, received_at, key);
CREATE INDEX events_name_tx ON events (name, tx) WHERE NOT is_repeat;
CREATE INDEX events_received ON events (received_at, key);
CREATE INDEX events_idle ON events (received_at, key) WHERE idle;
-- Retention asks which events tell of a run.
CREATE INDEX events_of_run ON events (of_run) WHERE of_run IS NOT NULL;
CREATE TABLE event_bodies (event bigint NOT NULL, body text NOT NULL, part bigint NOT NULL, PRIMARY KEY (event, part))
  PARTITION BY LIST (part);
CREATE TABLE event_bodies_1 PARTITION OF event_bodies FOR VALUES IN (1);

-- event_name: of the (first) triggering event, which may be gone before the run.
CREATE TABLE runs (
  key bigint PRIMARY KEY, id text NOT NULL UNIQUE, app bigint NOT NULL, fn bigint NOT NULL, fn_version bigint NOT NULL,
  event bigint NOT NULL, queued_at bigint NOT NULL, cron text, original bigint, parent_run bigint, parent_step text,
  correlation text, quiet boolean NOT NULL, rank bigint NOT NULL, flow text, singleton text, batch text, skipped text,
  bulk bigint, status text NOT NULL, rev bigint NOT NULL, started_at bigint, ended_at bigint,
  stack bigint NOT NULL, history bigint NOT NULL, steps bigint NOT NULL, bytes bigint NOT NULL, open bigint NOT NULL,
  racing bigint NOT NULL, waits bigint NOT NULL, version bigint NOT NULL, force_plan boolean NOT NULL, finish_event bigint,
  retries bigint NOT NULL, event_name text NOT NULL, is_retried boolean NOT NULL,
  ended_badly text
) WITH (fillfactor = 60);
CREATE INDEX runs_event ON runs (event);
CREATE INDEX runs_queued ON runs (queued_at, key);
CREATE INDEX runs_fn_queued ON runs (fn, queued_at, key);
CREATE INDEX runs_event_name ON runs (event_name, queued_at, key);
CREATE INDEX runs_ended ON runs (ended_at, key) WHERE ended_at IS NOT NULL;
-- Rare, and what people look for. Ended runs only, and not by their status: no run pays for it on its way.
CREATE INDEX runs_ended_badly ON runs (ended_badly, queued_at, key) WHERE ended_badly IS NOT NULL;
CREATE INDEX runs_failed ON runs (ended_at, key) WHERE ended_badly = 'failed';
CREATE INDEX runs_fn_failed ON runs (fn, ended_at, key) WHERE ended_badly = 'failed';
-- By a column that only the first retry changes.
CREATE INDEX runs_retried ON runs (queued_at, key) WHERE is_retried;
CREATE INDEX runs_batch ON runs (queued_at, key) WHERE batch IS NOT NULL;
CREATE INDEX runs_cron ON runs (fn, cron, queued_at, key) WHERE cron IS NOT NULL;
CREATE INDEX runs_parent ON runs (parent_run) WHERE parent_run IS NOT NULL;
CREATE INDEX runs_original ON runs (original) WHERE original IS NOT NULL;
CREATE UNIQUE INDEX runs_singleton ON runs (singleton) WHERE singleton IS NOT NULL AND ended_at IS NULL;
CREATE INDEX runs_bulk ON runs (bulk, queued_at, key) WHERE bulk IS NOT NULL;
-- All events of runs that began with several.
CREATE TABLE run_events (run bigint NOT NULL, position integer NOT NULL, event bigint NOT NULL, PRIMARY KEY (run, position));
CREATE INDEX run_events_event ON run_events (event, run);
CREATE TABLE run_outputs (
  run bigint NOT NULL, is_error boolean NOT NULL, text text NOT NULL, part bigint NOT NULL, PRIMARY KEY (run, part)
) PARTITION BY LIST (part);
CREATE TABLE run_outputs_1 PARTITION OF run_outputs FOR VALUES IN (1);

-- wake_at: due, while the item stands in the time index, so that the due time which each step writes touches no index.
-- Nothing else that a step changes stands in one either: the limits that an item names, and whether it holds their slots,
-- stay while it goes on under its lease.
CREATE TABLE items (
  key bigint PRIMARY KEY, run bigint, fn bigint, step text NOT NULL, kind text NOT NULL, state text NOT NULL,
  due bigint NOT NULL, rank bigint NOT NULL, limit1 text COLLATE "C", limit2 text COLLATE "C",
  limit3 text COLLATE "C", holds boolean NOT NULL, line text COLLATE "C",
  attempt bigint NOT NULL, claims bigint NOT NULL, epoch bigint NOT NULL, owner bigint NOT NULL,
  started_at bigint, queued_at bigint NOT NULL, again boolean NOT NULL, race boolean NOT NULL, detail text,
  wake_at bigint
) WITH (fillfactor = 50);
CREATE UNIQUE INDEX items_run_step ON items (run, step) WHERE run IS NOT NULL;
CREATE UNIQUE INDEX items_named ON items (step) WHERE run IS NULL AND kind IN ('line', 'debounce', 'batch', 'bulk') AND step <> '';
CREATE INDEX items_ready ON items (fn, rank, key) WHERE state = 'ready';
CREATE INDEX items_sleeping ON items (wake_at, key) INCLUDE (fn) WHERE state = 'sleeping';
-- Those without a run: a claim locks the others by their run.
CREATE INDEX items_ready_alone ON items (rank, key) WHERE state = 'ready' AND run IS NULL;
CREATE INDEX items_sleeping_alone ON items (wake_at, key) WHERE state = 'sleeping' AND run IS NULL;
CREATE INDEX items_leased ON items (owner, key) WHERE state = 'leased';
-- No search of a line may be made with the index of another purpose, so that each has a condition of its own.
CREATE INDEX items_line ON items (line, fn, rank, key) WHERE line IS NOT NULL AND run IS NOT NULL;
CREATE INDEX items_line_alone ON items (line, fn, rank, key) WHERE line IS NOT NULL AND run IS NULL;
CREATE INDEX items_line_fn ON items (fn, line) WHERE line IS NOT NULL AND state = 'blocked';
-- Who holds the slots of a limit.
CREATE INDEX items_holds1 ON items (limit1) WHERE holds AND limit1 IS NOT NULL;
CREATE INDEX items_holds2 ON items (limit2) WHERE holds AND limit2 IS NOT NULL;
CREATE INDEX items_holds3 ON items (limit3) WHERE holds AND limit3 IS NOT NULL;
CREATE INDEX items_cron ON items (fn) WHERE kind = 'cron';

CREATE TABLE steps (run bigint NOT NULL, step bytea NOT NULL, position bigint NOT NULL, memo text NOT NULL, input text);
CREATE UNIQUE INDEX steps_run_step ON steps (run, step);

CREATE TABLE history (
  run bigint NOT NULL, seq bigint NOT NULL, kind text NOT NULL, status text NOT NULL, step text NOT NULL,
  name text NOT NULL, step_kind text, attempt bigint NOT NULL, queued_at bigint NOT NULL, started_at bigint NOT NULL,
  ended_at bigint NOT NULL, detail text, part bigint NOT NULL, PRIMARY KEY (run, seq, part)
) PARTITION BY LIST (part);
CREATE TABLE history_1 PARTITION OF history FOR VALUES IN (1);
CREATE TABLE history_errors (run bigint NOT NULL, seq bigint NOT NULL, error text NOT NULL, part bigint NOT NULL)
  PARTITION BY LIST (part);
CREATE INDEX history_errors_run ON history_errors (run, seq);
CREATE TABLE history_errors_1 PARTITION OF history_errors FOR VALUES IN (1);

-- spot: SHA-1 of name, path and value, which together may be longer than an index takes. tx: the transaction that opened
-- the wait. It and one that stores an event of the name exclude each other before either has a number, so that numbers
-- tell which of the two came first.
CREATE TABLE waits (
  key bigint PRIMARY KEY, run bigint NOT NULL, step text NOT NULL, item bigint, kind text NOT NULL, name text NOT NULL,
  path text NOT NULL, value text NOT NULL, rest text, until bigint NOT NULL, spot bytea NOT NULL,
  tx xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX waits_name ON waits (spot, key) WHERE kind IN ('event', 'cancel');
CREATE INDEX waits_run ON waits (run, step);
-- Signals and invokes are found by name. A replaced signal wait keeps its row under the name '' until its deadline.
CREATE UNIQUE INDEX waits_signal ON waits (spot) WHERE kind = 'signal' AND name <> '';

CREATE TABLE skips (event bigint NOT NULL, fn bigint NOT NULL, reason text NOT NULL, detail text, PRIMARY KEY (event, fn));
CREATE TABLE effects (event bigint NOT NULL, run bigint NOT NULL, how text NOT NULL, PRIMARY KEY (event, run, how));
CREATE INDEX effects_run ON effects (run);
CREATE TABLE idempotency (fn bigint NOT NULL, key text NOT NULL, run bigint NOT NULL, expires_at bigint NOT NULL, PRIMARY KEY (fn, key));
CREATE INDEX idempotency_expires ON idempotency (expires_at);

-- What a rate remembers: the theoretical arrival time of its next start, microseconds.
CREATE TABLE rates (name text COLLATE "C" PRIMARY KEY, tat bigint NOT NULL) WITH (fillfactor = 50);
CREATE INDEX rates_tat ON rates (tat);
CREATE TABLE admissions (
  key bigint PRIMARY KEY, name text COLLATE "C" NOT NULL, at bigint NOT NULL, expires_at bigint NOT NULL
);
CREATE INDEX admissions_name ON admissions (name, at);
CREATE INDEX admissions_expires ON admissions (expires_at);

-- Counters, summed for each minute and later for each hour. The process stands in the key of a minute, so that servers
-- never wait for each other's row; in an hour's it is 0.
CREATE TABLE tallies (
  level text COLLATE "C" NOT NULL, at bigint NOT NULL, fn bigint NOT NULL, name text COLLATE "C" NOT NULL,
  process bigint NOT NULL, value bigint NOT NULL, PRIMARY KEY (level, at, fn, name, process)
) WITH (fillfactor = 50);

-- What an app answered when it was asked for its functions, and what these were from when on.
CREATE TABLE syncs (
  key bigint PRIMARY KEY, app bigint NOT NULL, at bigint NOT NULL, status text NOT NULL, error_code text, error_message text,
  function_count bigint NOT NULL, sdk_version text NOT NULL, app_version text NOT NULL, detail text
);
CREATE INDEX syncs_app ON syncs (app, at, key);
CREATE INDEX syncs_at ON syncs (at);
CREATE TABLE function_versions (
  fn bigint NOT NULL, version bigint NOT NULL, at bigint NOT NULL, config text NOT NULL, PRIMARY KEY (fn, version)
);

-- progress is written again with each page of the operation. fn is null for one on several functions.
CREATE TABLE bulks (
  key bigint PRIMARY KEY, id text NOT NULL UNIQUE, kind text NOT NULL, fn bigint, request text NOT NULL,
  progress text NOT NULL, created_at bigint NOT NULL, ended_at bigint
) WITH (fillfactor = 50);
CREATE INDEX bulks_kind ON bulks (kind, created_at, key);
CREATE INDEX bulks_created ON bulks (created_at, key);
CREATE INDEX bulks_ended ON bulks (ended_at) WHERE ended_at IS NOT NULL;

-- Rows as the groups bring them, all of a table in one array: columns in the order of the program's own lists, and at last
-- the place of the operation that the row belongs to.
CREATE TYPE run_rows AS (
  key bigint, id text, app bigint, fn bigint, fn_version bigint, event bigint, queued_at bigint, cron text,
  original bigint, parent_run bigint, parent_step text, correlation text, quiet boolean, rank bigint, flow text,
  singleton text, batch text, skipped text, bulk bigint, status text, rev bigint, started_at bigint,
  ended_at bigint, stack bigint, history bigint, steps bigint, bytes bigint, open bigint, racing bigint,
  waits bigint, version bigint, force_plan boolean, finish_event bigint, retries bigint, event_name text,
  at integer
);
CREATE TYPE run_set_rows AS (
  key bigint, from_rev bigint, status text, rev bigint, started_at bigint, ended_at bigint, stack bigint,
  history bigint, steps bigint, bytes bigint, open bigint, racing bigint, waits bigint, version bigint,
  force_plan boolean, finish_event bigint, retries bigint, at integer
);
CREATE TYPE output_rows AS (run bigint, is_error boolean, text text, at integer);
CREATE TYPE item_rows AS (
  key bigint, run bigint, fn bigint, step text, kind text, state text, due bigint, rank bigint, limit1 text,
  limit2 text, limit3 text, holds boolean, line text, attempt bigint, claims bigint, epoch bigint, owner bigint,
  started_at bigint, queued_at bigint, again boolean, race boolean, detail text, at integer
);
CREATE TYPE item_set_rows AS (
  key bigint, from_epoch bigint, step text, kind text, state text, due bigint, rank bigint, limit1 text,
  limit2 text, limit3 text, holds boolean, line text, attempt bigint, claims bigint, epoch bigint, owner bigint,
  started_at bigint, queued_at bigint, again boolean, race boolean, detail text, at integer
);
CREATE TYPE item_end_rows AS (key bigint, from_epoch bigint, at integer);
CREATE TYPE items_end_rows AS (run bigint, own bigint, from_epoch bigint, at integer);
CREATE TYPE step_rows AS (run bigint, step bytea, position bigint, memo text, input text, at integer);
CREATE TYPE history_rows AS (
  run bigint, seq bigint, kind text, status text, step text, name text, step_kind text, attempt bigint,
  queued_at bigint, started_at bigint, ended_at bigint, detail text, at integer
);
CREATE TYPE event_rows AS (
  key bigint, id text, event_id text, name text, ts bigint, received_at bigint, is_repeat boolean, of_run bigint,
  idle boolean, at integer
);
CREATE TYPE body_rows AS (event bigint, body text, at integer);
`,
  },
  {
    number: 2,
    name: '0002-jobs-and-sessions',
    sql: `-- HTTP Jobs with their runs, sessions with their items and requests.

-- Their timers and open calls are items that are found by name.
DROP INDEX items_named;
CREATE UNIQUE INDEX items_named ON items (step)
  WHERE run IS NULL AND kind IN ('line', 'debounce', 'batch', 'bulk', 'job', 'jobRun', 'request', 'callback') AND step <> '';

-- Written at each run. The request is kept aside by PostgreSQL itself where it is long, and is not written with the rest.
CREATE TABLE jobs (
  key bigint PRIMARY KEY, id text COLLATE "C" NOT NULL UNIQUE, name text NOT NULL, enabled boolean NOT NULL, schedule text NOT NULL,
  request text NOT NULL, timeout_ms bigint NOT NULL, created_at bigint NOT NULL, updated_at bigint NOT NULL, deleted_at bigint,
  next_at bigint, successes bigint NOT NULL, failures bigint NOT NULL, skips bigint NOT NULL, last_at bigint, last_status text,
  live bigint
) WITH (fillfactor = 50);
CREATE INDEX jobs_created ON jobs (created_at, key) WHERE deleted_at IS NULL;
CREATE INDEX jobs_deleted ON jobs (deleted_at, key) WHERE deleted_at IS NOT NULL;

CREATE TABLE job_runs (
  key bigint PRIMARY KEY, id text COLLATE "C" NOT NULL UNIQUE, job bigint NOT NULL, is_manual boolean NOT NULL,
  scheduled_at bigint NOT NULL, started_at bigint, finished_at bigint, status text NOT NULL, http_status bigint, error_code text,
  error_message text, method text NOT NULL, url text NOT NULL, response_bytes bigint, skip_reason text, skip_slots bigint NOT NULL
) WITH (fillfactor = 70);
-- A slot is run once, whoever finds it due.
CREATE UNIQUE INDEX job_runs_slot ON job_runs (job, scheduled_at) WHERE NOT is_manual;
CREATE INDEX job_runs_job ON job_runs (job, scheduled_at, key);
CREATE TABLE job_excerpts (run bigint PRIMARY KEY, text text NOT NULL);
-- The job up to which retention has gone through all of them.
INSERT INTO meta VALUES ('records_job', 0);

CREATE TABLE secrets (name text COLLATE "C" PRIMARY KEY, sealed text NOT NULL, updated_at bigint NOT NULL);

CREATE TABLE sessions (
  key bigint PRIMARY KEY, id text COLLATE "C" NOT NULL UNIQUE, name text COLLATE "C" NOT NULL UNIQUE, agent text COLLATE "C",
  title text, status text COLLATE "C" NOT NULL, metadata text, job bigint, job_run bigint, run_id text COLLATE "C",
  items bigint NOT NULL, pending bigint NOT NULL, created_at bigint NOT NULL, updated_at bigint NOT NULL, ended_at bigint,
  result text, error text
) WITH (fillfactor = 70);
CREATE INDEX sessions_updated ON sessions (updated_at, key);
CREATE INDEX sessions_status ON sessions (status, updated_at, key);
CREATE INDEX sessions_waiting ON sessions (updated_at, key) WHERE pending > 0 AND status = 'running';
CREATE INDEX sessions_agent ON sessions (agent, updated_at, key) WHERE agent IS NOT NULL;
CREATE INDEX sessions_job ON sessions (job, updated_at, key) WHERE job IS NOT NULL;
CREATE INDEX sessions_job_run ON sessions (job_run, key) WHERE job_run IS NOT NULL;
CREATE INDEX sessions_run ON sessions (run_id, updated_at, key) WHERE run_id IS NOT NULL;
CREATE INDEX sessions_ended ON sessions (ended_at, key) WHERE ended_at IS NOT NULL;

CREATE TABLE session_items (
  session bigint NOT NULL, seq bigint NOT NULL, id text NOT NULL, type text NOT NULL, role text, content text NOT NULL,
  created_at bigint NOT NULL, name text COLLATE "C", PRIMARY KEY (session, seq)
);
CREATE UNIQUE INDEX session_items_name ON session_items (session, name) WHERE name IS NOT NULL;

CREATE TABLE requests (
  key bigint PRIMARY KEY, id text COLLATE "C" NOT NULL UNIQUE, session bigint NOT NULL, name text COLLATE "C" NOT NULL,
  kind text NOT NULL, prompt text NOT NULL, form text, expires_at bigint NOT NULL, created_at bigint NOT NULL, callback_url text,
  arguments text, status text COLLATE "C" NOT NULL, response text, reason text, responded_by text, resolved_at bigint,
  token_hash text
);
CREATE INDEX requests_created ON requests (created_at, key);
CREATE INDEX requests_status ON requests (status, created_at, key);
CREATE INDEX requests_session ON requests (session, created_at, key);
CREATE INDEX requests_pending ON requests (session, key) WHERE status = 'pending';
CREATE UNIQUE INDEX requests_name ON requests (session, name);
`,
  },
]
