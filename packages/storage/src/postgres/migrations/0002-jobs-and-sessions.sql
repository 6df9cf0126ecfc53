-- HTTP Jobs with their runs, sessions with their items and requests.

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
