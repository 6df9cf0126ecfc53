-- All of the first schema. Integer keys inside, the ULID once in a unique index. Payloads (event bodies, outputs, memos,
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
  archived_at INTEGER
) STRICT;

CREATE TABLE functions (
  key INTEGER PRIMARY KEY, app INTEGER NOT NULL REFERENCES apps (key), slug TEXT NOT NULL, name TEXT NOT NULL,
  config TEXT NOT NULL, version INTEGER NOT NULL, steps_max INTEGER, state_bytes_max INTEGER,
  created_at INTEGER NOT NULL, archived_at INTEGER, UNIQUE (app, slug)
) STRICT;

CREATE TABLE wait_paths (name TEXT NOT NULL, path TEXT NOT NULL, PRIMARY KEY (name, path)) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  key INTEGER PRIMARY KEY, id TEXT NOT NULL, event_id TEXT NOT NULL, name TEXT NOT NULL, ts INTEGER NOT NULL,
  received_at INTEGER NOT NULL, is_repeat INTEGER NOT NULL, of_run INTEGER
) STRICT;
CREATE UNIQUE INDEX events_id ON events (id) WHERE is_repeat = 0;
CREATE INDEX events_name ON events (name, received_at, key);
CREATE INDEX events_received ON events (received_at, key);
-- Retention asks which events tell of a run.
CREATE INDEX events_of_run ON events (of_run) WHERE of_run IS NOT NULL;
CREATE TABLE event_bodies (event INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;

CREATE TABLE runs (
  key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, app INTEGER NOT NULL, fn INTEGER NOT NULL, fn_version INTEGER NOT NULL,
  event INTEGER NOT NULL, queued_at INTEGER NOT NULL, cron TEXT, original INTEGER, parent_run INTEGER, parent_step TEXT,
  correlation TEXT, quiet INTEGER NOT NULL, status TEXT NOT NULL, rev INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER,
  stack INTEGER NOT NULL, history INTEGER NOT NULL, steps INTEGER NOT NULL, bytes INTEGER NOT NULL, open INTEGER NOT NULL,
  racing INTEGER NOT NULL, waits INTEGER NOT NULL, version INTEGER NOT NULL, force_plan INTEGER NOT NULL, finish_event INTEGER
) STRICT;
CREATE INDEX runs_event ON runs (event);
CREATE INDEX runs_queued ON runs (queued_at, key);
CREATE INDEX runs_fn_queued ON runs (fn, queued_at, key);
CREATE INDEX runs_ended ON runs (ended_at, key) WHERE ended_at IS NOT NULL;
-- Rare, and what people look for. Ended runs only, so that no run pays for it on its way.
CREATE INDEX runs_ended_badly ON runs (status, queued_at, key) WHERE status = 'failed' OR status = 'cancelled' OR status = 'skipped';
CREATE INDEX runs_parent ON runs (parent_run) WHERE parent_run IS NOT NULL;
CREATE INDEX runs_original ON runs (original) WHERE original IS NOT NULL;
CREATE TABLE run_outputs (run INTEGER PRIMARY KEY, is_error INTEGER NOT NULL, text TEXT NOT NULL) STRICT;

CREATE TABLE items (
  key INTEGER PRIMARY KEY, run INTEGER, fn INTEGER, step TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
  due INTEGER NOT NULL, attempt INTEGER NOT NULL, claims INTEGER NOT NULL, epoch INTEGER NOT NULL, owner INTEGER NOT NULL,
  started_at INTEGER, queued_at INTEGER NOT NULL, again INTEGER NOT NULL, race INTEGER NOT NULL, detail TEXT
) STRICT;
CREATE UNIQUE INDEX items_run_step ON items (run, step) WHERE run IS NOT NULL;
CREATE INDEX items_ready ON items (fn, due, key) WHERE state = 'ready';
CREATE INDEX items_sleeping ON items (due, key) WHERE state = 'sleeping';
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
CREATE TABLE idempotency (fn INTEGER NOT NULL, key TEXT NOT NULL, run INTEGER NOT NULL, expires_at INTEGER NOT NULL, PRIMARY KEY (fn, key)) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_expires ON idempotency (expires_at);
