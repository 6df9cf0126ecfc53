// The jobs that call the agent every day at nine, one for each form. They are made once; later starts only tell them where
// the agent listens now. The agent's token is a stored secret, which the job names and nobody is shown.
const SECRET = 'TRADING_AGENT_TOKEN'

interface Wanted {
  readonly name: string
  readonly form: 'plain' | 'durable'
  /** One of the two is enough; the other is there to be called by hand. */
  readonly enabled: boolean
}

const WANTED: readonly Wanted[] = [
  { name: 'Daily trading agent', form: 'plain', enabled: true },
  { name: 'Daily trading agent, durable', form: 'durable', enabled: false },
]

export interface Where {
  readonly pawlUrl: string
  readonly agentUrl: string
  /** What the agent wants to be shown. */
  readonly token: string
}

interface Made {
  readonly id: string
  readonly name: string
}

/** Makes what is not there yet, and gives the IDs in the order of the forms: plain, durable. */
export async function ensureJobs(where: Where): Promise<readonly Made[]> {
  await ask(where, 'PUT', `/v2/secrets/${SECRET}`, { value: where.token })
  const known = ((await ask(where, 'GET', `/v2/jobs?limit=100&q=${encodeURIComponent('Daily trading agent')}`)) ??
    []) as Made[]
  return Promise.all(
    WANTED.map(({ name, form, enabled }) => {
      const request = {
        url: `${where.agentUrl}/agents/trading-bot/execute`,
        method: 'POST',
        headers: [{ name: 'Authorization', value: `Bearer {{secrets.${SECRET}}}` }],
        body: { form },
      }
      const found = known.find((job) => job.name === name)
      if (found !== undefined) return ask(where, 'PATCH', `/v2/jobs/${found.id}`, { request }) as Promise<Made>
      const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone
      const job = { name, enabled, intervalMinutes: 1440, startHour: 9, timeZone, request }
      return ask(where, 'POST', '/v2/jobs', job) as Promise<Made>
    }),
  )
}

async function ask({ pawlUrl }: Where, method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${pawlUrl}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text}`)
  // An empty list has no `data`.
  return text === '' ? undefined : (JSON.parse(text) as { readonly data?: unknown }).data
}
