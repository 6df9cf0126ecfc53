-- HTTP Jobs with their runs, sessions with their items and requests.

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
