// Made by embed.ts from the .sql files beside it; change those. The statements are part of the program, so that they are
// found from the sources and from a bundle alike.
import type { Migration } from '../../migrate.ts'

export const MIGRATIONS: readonly Migration[] = [
  {
    number: 1,
    name: '0001-initial',
    sql: `-- All of the first schema. Integer keys inside, the ULID once in a unique index. Payloads (event bodies, outputs, memos,
-- errors) stand apart from the rows that lists read. Instants are epoch milliseconds.

CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
-- next_key: first key that was never reserved. registry: version of apps, functions and wait paths.
-- clock_offset_ms: development's clock. newest_at: the newest instant written, so that time never goes back.
INSERT INTO meta VALUES ('next_key', 1), ('registry', 1), ('clock_offset_ms', 0), ('newest_at', 0);

-- One row for each server process: the number of its last committed group (a commit's answer may be lost).
CREATE TABLE processes (
  key INTEGER PRIMARY KEY, started_at INTEGER NOT NULL, heartbeat_at INTEGER NOT NULL,
  group_number INTEGER NOT NULL DEFAULT 0, group_results TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE apps (
  key INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, url TEXT NOT NULL, sdk_language TEXT NOT NULL,
  sdk_version TEXT NOT NULL, framework TEXT NOT NULL, platform TEXT NOT NULL, app_version TEXT NOT NULL,
  checksum TEXT NOT NULL, error_code TEXT, error_message TEXT, created_at INTEGER NOT NULL, synced_at INTEGER,
  archived_at INTEGER, pause TEXT
) STRICT;

CREATE TABLE functions (
  key INTEGER PRIMARY KEY, app INTEGER NOT NULL REFERENCES apps (key), slug TEXT NOT NULL, name TEXT NOT NULL,
  config TEXT NOT NULL, version INTEGER NOT NULL, steps_max INTEGER, state_bytes_max INTEGER,
  created_at INTEGER NOT NULL, archived_at INTEGER, pause TEXT, UNIQUE (app, slug)
) STRICT;

CREATE TABLE wait_paths (name TEXT NOT NULL, path TEXT NOT NULL, PRIMARY KEY (name, path)) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  key INTEGER PRIMARY KEY, id TEXT NOT NULL, event_id TEXT NOT NULL, name TEXT NOT NULL, ts INTEGER NOT NULL,
  received_at INTEGER NOT NULL, is_repeat INTEGER NOT NULL, of_run INTEGER, idle INTEGER
) STRICT;
CREATE UNIQUE INDEX events_id ON events (id) WHERE is_repeat = 0;
CREATE INDEX events_name ON events (name, received_at, key);
CREATE INDEX events_received ON events (received_at, key);
-- Retention asks which events tell of a run.
CREATE INDEX events_of_run ON events (of_run) WHERE of_run IS NOT NULL;
-- idle is 1 for an event of an app's own that has started no run. One whose runs are made with it never stands here.
CREATE INDEX events_idle ON events (received_at, key, name) WHERE idle = 1;
CREATE TABLE event_bodies (event INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;

CREATE TABLE runs (
  key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, app INTEGER NOT NULL, fn INTEGER NOT NULL, fn_version INTEGER NOT NULL,
  event INTEGER NOT NULL, queued_at INTEGER NOT NULL, cron TEXT, original INTEGER, parent_run INTEGER, parent_step TEXT,
  correlation TEXT, quiet INTEGER NOT NULL, rank INTEGER NOT NULL, flow TEXT, singleton TEXT, batch TEXT, skipped TEXT,
  bulk INTEGER, status TEXT NOT NULL, rev INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER, stack INTEGER NOT NULL,
  history INTEGER NOT NULL, steps INTEGER NOT NULL, bytes INTEGER NOT NULL, open INTEGER NOT NULL,
  racing INTEGER NOT NULL, waits INTEGER NOT NULL, version INTEGER NOT NULL, force_plan INTEGER NOT NULL, finish_event INTEGER,
  retries INTEGER NOT NULL, event_name TEXT NOT NULL
) STRICT;
-- event_name is that of the first triggering event, and outlives it. Each run pays for these, once or (ended) at its end.
CREATE INDEX runs_event ON runs (event);
CREATE INDEX runs_queued ON runs (queued_at, key);
CREATE INDEX runs_fn_queued ON runs (fn, queued_at, key);
CREATE INDEX runs_event_name ON runs (event_name, queued_at, key);
CREATE INDEX runs_started ON runs (started_at, key, fn) WHERE started_at IS NOT NULL;
CREATE INDEX runs_ended ON runs (ended_at, key, fn, status) WHERE ended_at IS NOT NULL;
-- Each run stands here as long as it lives, and is written at its birth, its start and its end; not by its steps.
CREATE INDEX runs_live ON runs (status, queued_at, key, fn, ended_at) WHERE ended_at IS NULL;
-- Rare, and what people look for. Ended runs only, so that no run pays for it on its way.
CREATE INDEX runs_ended_badly ON runs (status, queued_at, key, fn)
  WHERE status = 'failed' OR status = 'cancelled' OR status = 'skipped';
CREATE INDEX runs_failed ON runs (fn, ended_at, key) WHERE status = 'failed';
-- Only the runs that are meant pay for these.
CREATE INDEX runs_retried ON runs (queued_at, key, fn, retries) WHERE retries > 0;
CREATE INDEX runs_batch ON runs (queued_at, key, fn, batch) WHERE batch IS NOT NULL;
CREATE INDEX runs_cron ON runs (fn, cron, queued_at, key) WHERE cron IS NOT NULL;
CREATE INDEX runs_parent ON runs (parent_run) WHERE parent_run IS NOT NULL;
CREATE INDEX runs_original ON runs (original) WHERE original IS NOT NULL;
CREATE UNIQUE INDEX runs_singleton ON runs (singleton) WHERE singleton IS NOT NULL AND ended_at IS NULL;
CREATE INDEX runs_bulk ON runs (bulk, queued_at, key, status, ended_at) WHERE bulk IS NOT NULL;
-- All events of a run that began with several.
CREATE TABLE run_events (run INTEGER NOT NULL, position INTEGER NOT NULL, event INTEGER NOT NULL, PRIMARY KEY (run, position)) STRICT, WITHOUT ROWID;
CREATE INDEX run_events_event ON run_events (event, run);
CREATE TABLE run_outputs (run INTEGER PRIMARY KEY, is_error INTEGER NOT NULL, text TEXT NOT NULL) STRICT;

CREATE TABLE items (
  key INTEGER PRIMARY KEY, run INTEGER, fn INTEGER, step TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
  due INTEGER NOT NULL, rank INTEGER NOT NULL, limit1 TEXT, limit2 TEXT, limit3 TEXT, holds INTEGER NOT NULL DEFAULT 0, line TEXT,
  attempt INTEGER NOT NULL, claims INTEGER NOT NULL, epoch INTEGER NOT NULL, owner INTEGER NOT NULL, started_at INTEGER,
  queued_at INTEGER NOT NULL, again INTEGER NOT NULL, race INTEGER NOT NULL, detail TEXT
) STRICT;
CREATE UNIQUE INDEX items_run_step ON items (run, step) WHERE run IS NOT NULL;
-- Items of no run that are found by name.
CREATE UNIQUE INDEX items_named ON items (step)
  WHERE run IS NULL AND kind IN ('line', 'debounce', 'batch', 'bulk') AND step <> '';
CREATE INDEX items_ready ON items (fn, rank, key) WHERE state = 'ready';
CREATE INDEX items_sleeping ON items (due, key) WHERE state = 'sleeping';
-- Who stands in the line of a limit, and who holds its slots. An item without limits stands in none of these.
CREATE INDEX items_line ON items (line, fn, rank, key) WHERE line IS NOT NULL;
CREATE INDEX items_line_fn ON items (fn, line) WHERE line IS NOT NULL;
CREATE INDEX items_holds1 ON items (limit1) WHERE holds = 1 AND limit1 IS NOT NULL;
CREATE INDEX items_holds2 ON items (limit2) WHERE holds = 1 AND limit2 IS NOT NULL;
CREATE INDEX items_holds3 ON items (limit3) WHERE holds = 1 AND limit3 IS NOT NULL;
CREATE INDEX items_cron ON items (fn) WHERE kind = 'cron';

CREATE TABLE steps (run INTEGER NOT NULL, step BLOB NOT NULL, position INTEGER NOT NULL, memo TEXT NOT NULL, input TEXT) STRICT;
CREATE UNIQUE INDEX steps_run_step ON steps (run, step);

CREATE TABLE history (
  run INTEGER NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, status TEXT NOT NULL, step TEXT NOT NULL,
  name TEXT NOT NULL, step_kind TEXT, attempt INTEGER NOT NULL, queued_at INTEGER NOT NULL, started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL, detail TEXT, PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE history_errors (run INTEGER NOT NULL, seq INTEGER NOT NULL, error TEXT NOT NULL) STRICT;
CREATE INDEX history_errors_run ON history_errors (run, seq);

CREATE TABLE waits (
  key INTEGER PRIMARY KEY, run INTEGER NOT NULL, step TEXT NOT NULL, item INTEGER, kind TEXT NOT NULL, name TEXT NOT NULL,
  path TEXT NOT NULL, value TEXT NOT NULL, rest TEXT, until INTEGER NOT NULL
) STRICT;
CREATE INDEX waits_name ON waits (name, path, value, key) WHERE kind IN ('event', 'cancel');
CREATE INDEX waits_run ON waits (run, step);
-- Signals and invokes are found by name. A replaced signal wait keeps its row under the name '' until its deadline.
CREATE UNIQUE INDEX waits_signal ON waits (name) WHERE kind = 'signal' AND name <> '';

CREATE TABLE skips (event INTEGER NOT NULL, fn INTEGER NOT NULL, reason TEXT NOT NULL, detail TEXT, PRIMARY KEY (event, fn)) STRICT, WITHOUT ROWID;
-- What an event did to runs that were there before it.
CREATE TABLE effects (event INTEGER NOT NULL, run INTEGER NOT NULL, how TEXT NOT NULL, PRIMARY KEY (event, run, how)) STRICT, WITHOUT ROWID;
CREATE INDEX effects_run ON effects (run);
CREATE TABLE idempotency (fn INTEGER NOT NULL, key TEXT NOT NULL, run INTEGER NOT NULL, expires_at INTEGER NOT NULL, PRIMARY KEY (fn, key)) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_expires ON idempotency (expires_at);

-- What a rate remembers of its starts, and the events that a rate limit admitted.
CREATE TABLE rates (name TEXT PRIMARY KEY, tat INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX rates_tat ON rates (tat);
CREATE TABLE admissions (key INTEGER PRIMARY KEY, name TEXT NOT NULL, at INTEGER NOT NULL, expires_at INTEGER NOT NULL) STRICT;
CREATE INDEX admissions_name ON admissions (name, at);
CREATE INDEX admissions_expires ON admissions (expires_at);

-- fn is null for an operation on several functions.
CREATE TABLE bulks (
  key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, fn INTEGER, request TEXT NOT NULL,
  progress TEXT NOT NULL, created_at INTEGER NOT NULL, ended_at INTEGER
) STRICT;

-- Sums of counters as JSON by name: of a minute, function and process; folded (process 0), of an hour and function, and of
-- all functions together (fn -1) by the minute and by the hour.
CREATE TABLE tally_sums (
  level TEXT NOT NULL, at INTEGER NOT NULL, fn INTEGER NOT NULL, process INTEGER NOT NULL, sums TEXT NOT NULL,
  PRIMARY KEY (level, at, fn, process)
) STRICT, WITHOUT ROWID;
-- One row for each name, for whoever looks into the file.
CREATE VIEW tallies AS
  SELECT level, at, fn, each.key AS name, process, each.value AS value FROM tally_sums, json_each(sums) AS each WHERE fn >= 0;

-- What an app answered when it was asked for its functions, and what these were from when on.
CREATE TABLE syncs (
  key INTEGER PRIMARY KEY, app INTEGER NOT NULL, at INTEGER NOT NULL, status TEXT NOT NULL, error_code TEXT,
  error_message TEXT, function_count INTEGER NOT NULL, sdk_version TEXT NOT NULL, app_version TEXT NOT NULL, detail TEXT
) STRICT;
CREATE INDEX syncs_app ON syncs (app, at, key);
CREATE TABLE function_versions (
  fn INTEGER NOT NULL, version INTEGER NOT NULL, at INTEGER NOT NULL, config TEXT NOT NULL, PRIMARY KEY (fn, version)
) STRICT, WITHOUT ROWID;
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

CREATE TABLE jobs (
  key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, enabled INTEGER NOT NULL, schedule TEXT NOT NULL,
  timeout_ms INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, deleted_at INTEGER, next_at INTEGER,
  successes INTEGER NOT NULL, failures INTEGER NOT NULL, skips INTEGER NOT NULL, last_at INTEGER, last_status TEXT, live INTEGER
) STRICT;
CREATE INDEX jobs_created ON jobs (created_at, key) WHERE deleted_at IS NULL;
CREATE INDEX jobs_deleted ON jobs (deleted_at, key) WHERE deleted_at IS NOT NULL;
-- Up to 256 KiB: apart, so that a job's row is written at each of its runs without it.
CREATE TABLE job_requests (job INTEGER PRIMARY KEY, request TEXT NOT NULL) STRICT;

CREATE TABLE job_runs (
  key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, job INTEGER NOT NULL, is_manual INTEGER NOT NULL, scheduled_at INTEGER NOT NULL,
  started_at INTEGER, finished_at INTEGER, status TEXT NOT NULL, http_status INTEGER, error_code TEXT, error_message TEXT,
  method TEXT NOT NULL, url TEXT NOT NULL, response_bytes INTEGER, skip_reason TEXT, skip_slots INTEGER NOT NULL
) STRICT;
-- A slot is run once, whoever finds it due.
CREATE UNIQUE INDEX job_runs_slot ON job_runs (job, scheduled_at) WHERE is_manual = 0;
CREATE INDEX job_runs_job ON job_runs (job, scheduled_at, key);
CREATE TABLE job_excerpts (run INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;

CREATE TABLE secrets (name TEXT PRIMARY KEY, sealed TEXT NOT NULL, updated_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE, agent TEXT, title TEXT, status TEXT NOT NULL,
  metadata TEXT, job INTEGER, job_run INTEGER, run_id TEXT, items INTEGER NOT NULL, pending INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, ended_at INTEGER, result TEXT, error TEXT
) STRICT;
CREATE INDEX sessions_updated ON sessions (updated_at, key);
CREATE INDEX sessions_status ON sessions (status, updated_at, key);
CREATE INDEX sessions_waiting ON sessions (updated_at, key) WHERE pending > 0;
CREATE INDEX sessions_agent ON sessions (agent, updated_at, key) WHERE agent IS NOT NULL;
CREATE INDEX sessions_job ON sessions (job, updated_at, key) WHERE job IS NOT NULL;
CREATE INDEX sessions_job_run ON sessions (job_run, key) WHERE job_run IS NOT NULL;
CREATE INDEX sessions_run ON sessions (run_id, updated_at, key) WHERE run_id IS NOT NULL;
CREATE INDEX sessions_ended ON sessions (ended_at, key) WHERE ended_at IS NOT NULL;

CREATE TABLE session_items (
  session INTEGER NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, role TEXT, content TEXT NOT NULL,
  created_at INTEGER NOT NULL, name TEXT
) STRICT;
CREATE UNIQUE INDEX session_items_seq ON session_items (session, seq);
CREATE UNIQUE INDEX session_items_name ON session_items (session, name) WHERE name IS NOT NULL;

CREATE TABLE requests (
  key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, session INTEGER NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
  prompt TEXT NOT NULL, form TEXT, arguments TEXT, status TEXT NOT NULL, response TEXT, reason TEXT, responded_by TEXT,
  expires_at INTEGER NOT NULL, created_at INTEGER NOT NULL, resolved_at INTEGER, callback_url TEXT, token_hash TEXT,
  UNIQUE (session, name)
) STRICT;
CREATE INDEX requests_created ON requests (created_at, key);
CREATE INDEX requests_status ON requests (status, created_at, key);
CREATE INDEX requests_session ON requests (session, created_at, key);
CREATE INDEX requests_pending ON requests (session, key) WHERE status = 'pending';
`,
  },
]
