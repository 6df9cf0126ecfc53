import { describe, expect, it } from 'vitest'
import { firstCommands } from './commands.ts'

describe('the commands of the first steps', () => {
  it('name the server as it is reached', () => {
    const commands = firstCommands({ mode: 'dev', eventUrl: 'http://localhost:8288/e/dev' })
    expect(commands.startApp).toBe('INNGEST_DEV=http://localhost:8288 npm run dev')
    expect(commands.sendEvent).toBe(`curl http://localhost:8288/e/dev -d '{"name":"demo/hello","data":{"name":"Ada"}}'`)
  })

  it('ask for keys in production, and keep the prefix of a proxy', () => {
    const { startApp } = firstCommands({ mode: 'start', eventUrl: 'https://jobs.example/pawl/e/YOUR_EVENT_KEY' })
    expect(startApp).toContain('INNGEST_BASE_URL=https://jobs.example/pawl ')
    expect(startApp).toContain('INNGEST_SIGNING_KEY=')
  })

  it('send an event that a function listens to, quoted for the shell', () => {
    const { sendEvent } = firstCommands({ mode: 'dev', eventUrl: 'http://x/e/dev', eventName: "it's/new" })
    expect(sendEvent).toBe(`curl http://x/e/dev -d '{"name":"it'\\''s/new","data":{}}'`)
  })
})
