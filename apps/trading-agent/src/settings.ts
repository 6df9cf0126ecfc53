// What the agent is told by its environment. Everything that it needs to reach is named there, and nothing else is assumed.

export interface Settings {
  readonly port: number
  readonly pawlUrl: string
  /** Of the server; undefined in development. */
  readonly signingKey: string | undefined
  readonly newsUrl: string
  readonly brokerUrl: string
  /** Who calls the agent must bear it. */
  readonly token: string
}

/** @throws Error that names the variable which is missing */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const needed = (name: string): string => {
    const value = environment[name]
    if (value === undefined || value === '') throw new Error(`${name} must be set; \`npm run trading-agent\` sets all.`)
    return value.replace(/\/+$/, '')
  }
  return {
    port: Number(environment.PORT ?? 3000),
    pawlUrl: needed('PAWL_URL'),
    signingKey: environment.PAWL_SIGNING_KEY || undefined,
    newsUrl: needed('NEWS_URL'),
    brokerUrl: needed('BROKER_URL'),
    token: needed('AGENT_TOKEN'),
  }
}
