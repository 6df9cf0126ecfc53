/**
 * Bad registrations: apps and functions that must not be taken. A refusal of a function names it.
 */
import { JSON_TYPE, type RequestCase } from './request-case.ts'

const APP = {
  url: 'http://127.0.0.1:9/api/inngest',
  deployType: 'ping',
  framework: 'x',
  appName: 'bad-app',
  sdk: 'js:v4.24.0',
  v: '0.1',
}
const configured = (rest: object = {}, id = 'bad-app-f'): object => ({
  id,
  name: id,
  triggers: [{ event: 'bad/register' }],
  steps: { step: { id: 'step', name: 'step', runtime: { type: 'http', url: `${APP.url}?fnId=${id}&stepId=step` } } },
  ...rest,
})
const register = (title: string, body: unknown, rest: Partial<RequestCase> = {}): RequestCase => ({
  shape: 'v1',
  title: `registering ${title}`,
  path: '/fn/register',
  headers: JSON_TYPE,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  status: 400,
  ...rest,
})
const bad = (title: string, rest: object): RequestCase =>
  register(title, { ...APP, functions: [configured(rest)] }, { says: /bad-app-f/ })

/** Registrations that must be refused. */
export const REGISTER_CASES: readonly RequestCase[] = [
  register('what is no JSON', '{"functions":[', { code: 'invalid_json' }),
  register('an array', '[]'),
  register('an app without a name', { ...APP, appName: '', functions: [] }, { says: /App ID required/ }),
  register('an app without an address', { ...APP, url: '', functions: [] }),
  register('an app whose address is of another scheme', {
    ...APP,
    url: 'ftp://127.0.0.1/x',
    functions: [configured()],
  }),
  register(
    'an app with a line break in its name',
    { ...APP, appName: 'bad\r\napp', functions: [] },
    { code: 'invalid_config' },
  ),
  register(
    'an app with a NUL in its address',
    { ...APP, url: 'http://127.0.0.1:9/\u0000', functions: [] },
    { code: 'invalid_config' },
  ),
  register(
    '1,001 functions',
    { ...APP, functions: Array.from({ length: 1_001 }, (_, n) => configured({}, `bad-app-f${n}`)) },
    { code: 'invalid_config' },
  ),
  register(
    'with a server of another kind',
    { ...APP, functions: [] },
    { headers: { ...JSON_TYPE, 'x-inngest-expected-server-kind': 'cloud' } },
  ),
  bad('11 triggers', { triggers: Array.from({ length: 11 }, (_, n) => ({ event: `bad/${n}` })) }),
  bad('one trigger twice', { triggers: [{ event: 'bad/x' }, { event: 'bad/x' }] }),
  bad('a trigger name of 256 characters', { triggers: [{ event: 'n'.repeat(256) }] }),
  bad('a trigger that is both', { triggers: [{ event: 'bad/x', cron: '* * * * *' }] }),
  bad('a cron with seconds', { triggers: [{ cron: '* * * * * *' }] }),
  bad('a cron by name', { triggers: [{ cron: '@hourly' }] }),
  bad('a cron in a zone that does not exist', { triggers: [{ cron: 'TZ=Europe/Atlantis 0 0 * * *' }] }),
  bad('a cron with a range that goes back', { triggers: [{ cron: '0 22-2 * * *' }] }),
  bad('a cron on weekday 7', { triggers: [{ cron: '0 0 * * 7' }] }),
  bad('a filter that does not compile', { triggers: [{ event: 'bad/x', expression: 'event.data.n ==' }] }),
  bad('a filter on something unknown', { triggers: [{ event: 'bad/x', expression: 'steps.x == 1' }] }),
  bad('a filter of more than 4 KiB', {
    triggers: [{ event: 'bad/x', expression: `event.data.s == '${'x'.repeat(4_100)}'` }],
  }),
  bad('a filter that is too deep', {
    triggers: [{ event: 'bad/x', expression: `${'('.repeat(200)}true${')'.repeat(200)}` }],
  }),
  bad('three concurrency rules', { concurrency: [{ limit: 1 }, { limit: 2 }, { limit: 3 }] }),
  bad('a concurrency of an unknown scope', { concurrency: [{ limit: 1, scope: 'galaxy', key: 'event.data.k' }] }),
  bad('a concurrency of the environment without a key', { concurrency: [{ limit: 1, scope: 'env' }] }),
  bad('six cancel rules', { cancel: Array.from({ length: 6 }, (_, n) => ({ event: `bad/${n}` })) }),
  bad('a debounce of less than a second', { debounce: { period: '100ms' } }),
  bad('a rate limit of zero', { rateLimit: { limit: 0, period: '1m' } }),
  bad('a rate limit over more than a day', { rateLimit: { limit: 1, period: '25h' } }),
  bad('a batch of one', { batchEvents: { maxSize: 1, timeout: '5s' } }),
  bad('a batch with a singleton', { batchEvents: { maxSize: 5, timeout: '5s' }, singleton: { mode: 'skip' } }),
]
