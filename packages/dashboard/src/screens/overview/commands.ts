// The commands of the first steps, made for this server: its own address, its mode, and an event that some function
// listens to. Pure.

export interface FirstCommands {
  readonly startApp: string
  readonly register: string
  readonly sendEvent: string
  readonly sample: string
}

export interface CommandsAsk {
  readonly mode: 'dev' | 'start'
  /** Where events are sent. */
  readonly eventUrl: string
  /** An event that a function listens to; absent: the sample's. */
  readonly eventName?: string | undefined
}

const SAMPLE_EVENT = 'demo/hello'
const SAMPLE_DATA = { name: 'Ada' }

export function firstCommands({ mode, eventUrl, eventName = SAMPLE_EVENT }: CommandsAsk): FirstCommands {
  const server = eventUrl.replace(/\/e\/[^/]*$/, '')
  const environment =
    mode === 'dev'
      ? `INNGEST_DEV=${server}`
      : `INNGEST_BASE_URL=${server} INNGEST_EVENT_KEY=YOUR_EVENT_KEY INNGEST_SIGNING_KEY=YOUR_SIGNING_KEY`
  const event = { name: eventName, data: eventName === SAMPLE_EVENT ? SAMPLE_DATA : {} }
  return {
    startApp: `${environment} npm run dev`,
    register: 'curl -X PUT http://localhost:3000/api/inngest',
    sendEvent: `curl ${eventUrl} -d ${quoted(JSON.stringify(event))}`,
    sample: sample(environment),
  }
}

/** For a shell: in single quotes, with those inside written apart. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

function sample(environment: string): string {
  return `// app.mjs: npm install inngest && ${environment} node app.mjs
import { createServer } from 'node:http'
import { Inngest } from 'inngest'
import { serve } from 'inngest/node'

const inngest = new Inngest({ id: 'first-app' })

const hello = inngest.createFunction(
  { id: 'hello', name: 'Say hello', triggers: [{ event: '${SAMPLE_EVENT}' }] },
  async ({ event, step }) => {
    const greeting = await step.run('greet', () => \`Hello, \${event.data.name}!\`)
    await step.sleep('take-a-breath', '2s')
    return greeting
  },
)

createServer(serve({ client: inngest, functions: [hello] })).listen(3000)`
}
