// A store with as many runs as wanted, made by a few statements: what the planner does depends on how much there is.
import { HOUR_MS, MINUTE_MS } from './tally-table.ts'

/** Functions 11 to 30 of app 1. */
const FUNCTIONS = 20
/** The time of the first run; one is queued each second. */
export const STOCK_START = 1_700_000_000_000
/** Keys of the first run and the first event; that of run n began with event n. */
export const FIRST_RUN = 1_000
export const FIRST_EVENT = 10_000_000

/**
 * Statements that fill an empty store: of 100 runs three have failed, one was retried, one is live and one of 10,000 began
 * with the event `rare/one`; runs of function 11 and 12 are ticks. There are as many runs of jobs, sessions (one of 100 waits),
 * items of session 1 and requests (one of 100 is pending), and as many jobs, of which a hundredth have runs.
 */
export function stockSql(runs: number): string {
  const at = `${STOCK_START}::int8 + n * 1000`
  const fn = `11 + n % ${FUNCTIONS}`
  const status =
    "CASE n % 100 WHEN 0 THEN 'running' WHEN 1 THEN 'failed' WHEN 2 THEN 'failed' WHEN 3 THEN 'failed' ELSE 'completed' END"
  const name = "CASE WHEN n % 10000 = 5000 THEN 'rare/one' ELSE 'shop/' || n % 7 END"
  const from = `FROM generate_series(0, ${runs - 1}) AS s (n)`
  const until = STOCK_START + runs * 1000
  const tallies = (level: string, stepMs: number, since: number) => `
    INSERT INTO tallies SELECT '${level}', t.at - t.at % ${stepMs}, f.fn, c.name, ${level === 'hour' ? 0 : 5}, 1
      FROM generate_series(${since}::int8, ${until}::int8, ${stepMs}::int8) AS t (at),
        generate_series(11, ${10 + FUNCTIONS}) AS f (fn), unnest(ARRAY['queued', 'steps', 'ended:failed']) AS c (name);`
  return `
    INSERT INTO apps VALUES (1, 'shop', '', '', '', '', '', '', '', NULL, NULL, 0, NULL, NULL, NULL);
    INSERT INTO functions SELECT fn, 1, 'f' || fn, 'F' || fn, '{}', 1, NULL, NULL, 0, NULL, NULL
      FROM generate_series(11, ${10 + FUNCTIONS}) AS f (fn);
    INSERT INTO events (key, id, event_id, name, ts, received_at, is_repeat, idle, part)
      SELECT ${FIRST_EVENT} + n, 'E' || n, 'E' || n, ${name}, ${at}, ${at}, false, n % 500 = 499, 1 ${from};
    INSERT INTO event_bodies SELECT ${FIRST_EVENT} + n, '{"data":{"n":' || n || '}}', 1 ${from};
    INSERT INTO runs (key, id, app, fn, fn_version, event, queued_at, cron, original, parent_run, quiet, rank, batch, bulk,
        status, rev, started_at, ended_at, stack, history, steps, bytes, open, racing, waits, version, force_plan, retries,
        event_name, is_retried, ended_badly)
      SELECT ${FIRST_RUN} + n, 'R' || n, 1, ${fn}, 1, ${FIRST_EVENT} + n, ${at},
        CASE WHEN n % ${FUNCTIONS} < 2 THEN '* * * * *' END, CASE WHEN n % 1000 = 999 THEN ${FIRST_RUN} + n - 1 END,
        CASE WHEN n % 1000 = 998 THEN ${FIRST_RUN} + n - 1 END, false, 0, CASE WHEN n % 200 = 199 THEN 'B' || n END,
        CASE WHEN n % 1000 = 997 THEN 7 END, ${status}, 1, ${at} + 50, CASE WHEN n % 100 <> 0 THEN ${at} + n % 7 * 1000 + 90 END,
        1, 1, 1, 1, 0, 0, 0, 2, false, (n % 100 = 50)::int, ${name}, n % 100 = 50,
        CASE WHEN n % 100 BETWEEN 1 AND 3 THEN 'failed' END
      ${from} WHERE n % 500 <> 499;
    INSERT INTO run_outputs SELECT ${FIRST_RUN} + n, n % 100 BETWEEN 1 AND 3, '{"message":"no"}', 1 ${from} WHERE n % 100 <> 0;
    INSERT INTO items (key, run, fn, step, kind, state, due, rank, holds, limit1, line, attempt, claims, epoch, owner, queued_at,
        again, race, wake_at)
      SELECT 100000000 + n, ${FIRST_RUN} + n, ${fn}, '', 'sleep', 'sleeping', ${at}, 0, n % 1000 = 0,
        CASE WHEN n % 1000 = 0 THEN 'limit' END, NULL, 0, 0, 0, 0, ${at}, false, false, ${at} ${from} WHERE n % 100 = 0;
    INSERT INTO effects SELECT ${FIRST_EVENT} + n, ${FIRST_RUN} + n, 'resumed' ${from} WHERE n % 5 = 0;
    INSERT INTO run_events SELECT ${FIRST_RUN} + n, p.at, ${FIRST_EVENT} + n - p.at ${from}, generate_series(0, 1) AS p (at)
      WHERE n % 5 = 4 AND n % 500 <> 499;
    ${tallies('minute', MINUTE_MS, until - 6 * HOUR_MS)}
    ${tallies('hour', HOUR_MS, until - 30 * 24 * HOUR_MS)}
    INSERT INTO jobs (key, id, created_at, name, enabled, schedule, request, timeout_ms, updated_at, successes, failures, skips)
      SELECT n, 'J' || n, ${at}, 'Job ' || n, n % 2 = 0, '{}', '{}', 1, ${at}, 0, 0, 0 ${from} ;
    INSERT INTO job_runs (key, id, job, is_manual, scheduled_at, status, method, url, skip_slots)
      SELECT n, 'JR' || n, n % ${runs / 100}, false, ${at}, 'success', 'GET', 'u', 0 ${from};
    INSERT INTO sessions (key, id, name, created_at, agent, status, job, job_run, run_id, items, pending, updated_at)
      SELECT n, 'S' || n, 's' || n, ${at}, 'a' || n % 100, CASE WHEN n % 10 = 0 THEN 'running' ELSE 'completed' END,
        n % 100, n, 'R' || n, 0, (n % 100 = 0)::int, ${at} ${from};
    INSERT INTO session_items SELECT 1, n + 1, 'I' || n, 'log', NULL, '{}', ${at}, NULL ${from};
    INSERT INTO requests (key, id, session, name, kind, prompt, expires_at, created_at, status)
      SELECT n, 'Q' || n, n % 100, 'q' || n, 'input', '', 0, ${at}, CASE n % 100 WHEN 0 THEN 'pending' ELSE 'denied' END ${from};
    ANALYZE jobs, job_runs, sessions, session_items, requests;
    ANALYZE runs, events, event_bodies, run_events, run_outputs, items, effects, tallies, functions, apps;`
}
