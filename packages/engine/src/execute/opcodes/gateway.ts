// Gateway and AIGateway: the server makes the HTTP call for the step, from an item of its own with the step's attempts.
// The request stands only in that item, since it may hold keys.
import type { AIGatewayOp, GatewayOp } from '@pawl/protocol'
import type { GatewayDetail } from '../../history/step-detail.ts'
import { isKnown, type OpcodeWork } from '../tally.ts'

export function planGateway(work: OpcodeWork, op: GatewayOp | AIGatewayOp): void {
  if (isKnown(work, op)) return
  work.tally.members.push({
    step: op.id,
    kind: 'gateway',
    due: work.draft.now,
    race: op.race,
    detail: {
      name: op.name,
      kind: op.op === 'Gateway' ? 'gateway' : 'ai',
      request: op.op === 'Gateway' ? plainRequest(op) : aiRequest(op),
    },
  })
}

function plainRequest(op: GatewayOp): GatewayDetail {
  return { url: op.url, method: op.method === '' ? 'GET' : op.method, headers: op.headers, body: op.body, ai: false }
}

/** Where the key goes depends on the provider's format; headers of the step stand above it. */
function aiRequest(op: AIGatewayOp): GatewayDetail {
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  let url = op.url
  if (op.authKey !== '') {
    if (op.format === 'anthropic') headers['x-api-key'] = op.authKey
    else if (op.format === 'gemini') url = withKey(op.url, op.authKey)
    else headers.authorization = op.format === 'bedrock' ? op.authKey : `Bearer ${op.authKey}`
  }
  for (const [name, value] of Object.entries(op.headers)) headers[name.toLowerCase()] = value
  return { url, method: 'POST', headers, body: op.bodyText, ai: true }
}

function withKey(url: string, key: string): string {
  if (!URL.canParse(url)) return url
  const parsed = new URL(url)
  parsed.searchParams.set('key', key)
  return parsed.href
}
