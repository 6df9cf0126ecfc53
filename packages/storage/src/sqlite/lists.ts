// Opens the list reads of a SQLite database: in a thread of their own for a file, in place for one in memory, which no
// second connection can see. Lists see what has committed and never write.
import type { DatabaseSync } from 'node:sqlite'
import type { ListReads } from '../contract/lists.ts'
import { type ListQueries, openListQueries } from './lists-queries.ts'
import { ListThread } from './lists-thread.ts'

/**
 * Opens the reads for the API and for people.
 *
 * @param open  `path` of a database file that exists (a worker thread with a read-only connection is started with the
 *              first read), or `db`, an open connection that stays the caller's.
 * @throws StorageError from every read: `storage_error`, and after `close` `storage_closed`.
 */
export function createSqliteLists(open: { readonly path: string } | { readonly db: DatabaseSync }): ListReads {
  return 'db' in open ? inPlace(openListQueries(open.db)) : inThread(new ListThread(open.path))
}

function inPlace(queries: ListQueries): ListReads {
  return {
    events: async (query) => queries.events(query),
    countEvents: async (query) => queries.countEvents(query),
    event: async (id) => queries.event(id),
    skips: async (event) => queries.skips(event),
    runs: async (query) => queries.runs(query),
    countRuns: async (query, atMost) => queries.countRuns(query, atMost),
    runsByKey: async (keys) => queries.runsByKey(keys),
    eventsByKey: async (keys) => queries.eventsByKey(keys),
    step: async (run, step) => queries.step(run, step),
    effects: async (event) => queries.effects(event),
    tallies: async (query) => queries.tallies(query),
    queues: async () => queries.queues(),
    failures: async (query) => queries.failures(query),
    lastFailures: async (fns) => queries.lastFailures(fns),
    crons: async () => queries.crons(),
    strips: async (fns, limit) => queries.strips(fns, limit),
    syncs: async (app, limit) => queries.syncs(app, limit),
    functionVersions: async (fn) => queries.functionVersions(fn),
    limits: async (names) => queries.limits(names),
    run: async (id, options) => queries.run(id, options),
    record: async (id) => queries.record(id),
    runItems: async (id) => queries.runItems(id),
    jobs: async (query) => queries.jobs(query),
    job: async (id) => queries.job(id),
    jobsByKey: async (keys) => queries.jobsByKey(keys),
    jobRuns: async (query) => queries.jobRuns(query),
    jobRun: async (id) => queries.jobRun(id),
    jobStrips: async (jobs, limit) => queries.jobStrips(jobs, limit),
    secretNames: async () => queries.secretNames(),
    sessions: async (query) => queries.sessions(query),
    session: async (id) => queries.session(id),
    sessionsByKey: async (keys) => queries.sessionsByKey(keys),
    sessionItems: async (session, after, limit) => queries.sessionItems(session, after, limit),
    requests: async (query) => queries.requests(query),
    request: async (id) => queries.request(id),
    requestsByKey: async (keys) => queries.requestsByKey(keys),
    countPending: async () => queries.countPending(),
    apps: async () => queries.apps(),
    functions: async (app) => queries.functions(app),
    standing: async (id) => queries.standing(id),
    queue: async (fn) => queries.queue(fn),
    bulks: async (query) => queries.bulks(query),
    bulk: async (id) => queries.bulk(id),
    totals: async () => queries.totals(),
    close: async () => {},
  }
}

function inThread(thread: ListThread): ListReads {
  const ask = <Name extends keyof ListQueries>(name: Name, ...args: Parameters<ListQueries[Name]>) =>
    thread.ask(name, args) as Promise<ReturnType<ListQueries[Name]>>
  return {
    events: (query) => ask('events', query),
    countEvents: (query) => ask('countEvents', query),
    event: (id) => ask('event', id),
    skips: (event) => ask('skips', event),
    runs: (query) => ask('runs', query),
    countRuns: (query, atMost) => ask('countRuns', query, atMost),
    runsByKey: (keys) => ask('runsByKey', keys),
    eventsByKey: (keys) => ask('eventsByKey', keys),
    step: (run, step) => ask('step', run, step),
    effects: (event) => ask('effects', event),
    tallies: (query) => ask('tallies', query),
    queues: () => ask('queues'),
    failures: (query) => ask('failures', query),
    lastFailures: (fns) => ask('lastFailures', fns),
    crons: () => ask('crons'),
    strips: (fns, limit) => ask('strips', fns, limit),
    syncs: (app, limit) => ask('syncs', app, limit),
    functionVersions: (fn) => ask('functionVersions', fn),
    limits: (names) => ask('limits', names),
    run: (id, options) => ask('run', id, options),
    record: (id) => ask('record', id),
    runItems: (id) => ask('runItems', id),
    jobs: (query) => ask('jobs', query),
    job: (id) => ask('job', id),
    jobsByKey: (keys) => ask('jobsByKey', keys),
    jobRuns: (query) => ask('jobRuns', query),
    jobRun: (id) => ask('jobRun', id),
    jobStrips: (jobs, limit) => ask('jobStrips', jobs, limit),
    secretNames: () => ask('secretNames'),
    sessions: (query) => ask('sessions', query),
    session: (id) => ask('session', id),
    sessionsByKey: (keys) => ask('sessionsByKey', keys),
    sessionItems: (session, after, limit) => ask('sessionItems', session, after, limit),
    requests: (query) => ask('requests', query),
    request: (id) => ask('request', id),
    requestsByKey: (keys) => ask('requestsByKey', keys),
    countPending: () => ask('countPending'),
    apps: () => ask('apps'),
    functions: (app) => ask('functions', app),
    standing: (id) => ask('standing', id),
    queue: (fn) => ask('queue', fn),
    bulks: (query) => ask('bulks', query),
    bulk: (id) => ask('bulk', id),
    totals: () => ask('totals'),
    close: () => thread.close(),
  }
}
