// Addresses of the API that are not built yet: they answer 501 with a sentence, so that nobody takes them for a typing
// mistake. A route leaves this list in the change that builds it.
import { hotRoute } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import type { Method, Route, RulesGiven } from '../http/route.ts'

interface NotBuilt {
  readonly methods: readonly Method[]
  readonly paths: readonly string[]
  readonly says: string
  /** Pages of any origin will call it with a token. Nothing gives one yet, so that in production none is right. */
  readonly token?: boolean
}

const GET: readonly Method[] = ['GET']
const POST: readonly Method[] = ['POST']
const ANY: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
const ENDPOINTS = 'Durable endpoints (runs that begin in the app) are not built yet'
const CONNECT = 'Worker connections (connect) are not built yet; serve the app over HTTP'
const REALTIME = 'Realtime is not built yet'

const V1: readonly NotBuilt[] = [
  { methods: GET, paths: ['/v1/prom/:env'], says: 'Metrics of the hosted product are not part of this server' },
  { methods: GET, paths: ['/metrics'], says: 'Metrics are not built yet' },
  { methods: ANY, paths: ['/mcp'], says: 'The MCP server is not built yet' },
  { methods: POST, paths: ['/v1/checkpoint', '/v1/http/runs'], says: ENDPOINTS },
  { methods: POST, paths: ['/v1/checkpoint/:runId/steps', '/v1/http/runs/:runId/steps'], says: ENDPOINTS },
  {
    methods: GET,
    paths: ['/v1/checkpoint/:runId/output', '/v1/http/runs/:runId/output'],
    says: ENDPOINTS,
    token: true,
  },
  { methods: POST, paths: ['/v1/realtime/token', '/v1/realtime/publish', '/v1/realtime/publish/tee'], says: REALTIME },
  { methods: GET, paths: ['/v1/realtime/connect', '/v1/realtime/sse'], says: REALTIME, token: true },
  { methods: POST, paths: ['/v0/connect/start', '/v0/connect/flush'], says: CONNECT },
  { methods: GET, paths: ['/v0/connect/envs/:env/conns', '/v0/connect/envs/:env/groups/:hash'], says: CONNECT },
]

const V2: readonly NotBuilt[] = [
  { methods: POST, paths: ['/envs'], says: 'Environments cannot be made yet' },
  { methods: ['PATCH'], paths: ['/envs/:id'], says: 'Environments cannot be changed yet' },
  { methods: POST, paths: ['/keys/events', '/keys/signing'], says: 'Keys cannot be made yet; give them at start' },
  { methods: ['DELETE'], paths: ['/keys/events/:id', '/keys/signing/:id'], says: 'Keys cannot be removed yet' },
  { methods: POST, paths: ['/runs/:runId/scores'], says: 'Scores are not built yet' },
  { methods: ANY, paths: ['/experiments', '/experiments/*'], says: 'Experiments are part of the hosted product only' },
  { methods: ANY, paths: ['/insights', '/insights/*'], says: 'Insights are part of the hosted product only' },
  { methods: ANY, paths: ['/partner', '/partner/*'], says: 'The partner API is part of the hosted product only' },
  { methods: ANY, paths: ['/sandboxes', '/sandboxes/*'], says: 'Sandboxes are part of the hosted product only' },
]

/** The routes that answer 501. */
export function notBuiltRoutes(): readonly Route[] {
  const v2 = V2.map((entry) => ({ ...entry, paths: entry.paths.flatMap((path) => [`/v2${path}`, `/api/v2${path}`]) }))
  return [
    ...V1.map((entry, index) => notBuilt(entry, `v1_${index}`)),
    ...v2.map((entry, index) => notBuilt(entry, `v2_${index}`)),
  ]
}

function notBuilt({ methods, paths, says, token = false }: NotBuilt, id: string): Route {
  const rules: RulesGiven = {
    scope: 'signing-key',
    surface: paths[0]?.startsWith('/v2') === true ? 'v2' : 'v1',
    cors: token,
    bodyBytesMax: 8 * 1024 * 1024,
    gzip: true,
    anyType: true,
  }
  return hotRoute({
    method: methods,
    path: paths,
    rules,
    doc: { id: `notBuilt_${id}`, tag: 'Not built yet', summary: says, state: 'not-built' },
    handle: () => {
      throw new HttpError('not_implemented', says)
    },
  })
}
