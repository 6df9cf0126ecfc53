// The lines that connect an app, by language, for the server as it runs: development needs one variable, production the
// address and the keys. Pure, so that what people copy is tested.

export type Language = 'typescript' | 'python' | 'go'

export interface ServerFacts {
  readonly mode: 'dev' | 'start'
  /** Address at which the page was opened, with a proxy's prefix. */
  readonly origin: string
}

export interface ConnectLines {
  readonly install: string
  readonly file: string
  readonly code: string
  /** Starts the app so that it works with this server. */
  readonly start: string
  /** Where the app then serves its functions. */
  readonly url: string
}

const TYPESCRIPT = `import { createServer } from "node:http"
import { Inngest } from "inngest"
import { serve } from "inngest/node"

const inngest = new Inngest({ id: "my-app" })

const hello = inngest.createFunction(
  { id: "hello", triggers: [{ event: "demo/hello" }] },
  async ({ event, step }) => {
    return await step.run("greet", () => \`Hello, \${event.data.name}\`)
  },
)

createServer(serve({ client: inngest, functions: [hello] })).listen(3000)`

const PYTHON = `import inngest
import inngest.fast_api
from fastapi import FastAPI

client = inngest.Inngest(app_id="my-app")


@client.create_function(
    fn_id="hello",
    trigger=inngest.TriggerEvent(event="demo/hello"),
)
async def hello(ctx: inngest.Context) -> str:
    return await ctx.step.run("greet", lambda: f"Hello, {ctx.event.data['name']}")


app = FastAPI()
inngest.fast_api.serve(app, client, [hello])`

const GO = `package main

import (
	"context"
	"log"
	"net/http"

	"github.com/inngest/inngestgo"
	"github.com/inngest/inngestgo/step"
)

func main() {
	client, err := inngestgo.NewClient(inngestgo.ClientOpts{AppID: "my-app"})
	if err != nil {
		log.Fatal(err)
	}
	_, err = inngestgo.CreateFunction(
		client,
		inngestgo.FunctionOpts{ID: "hello"},
		inngestgo.EventTrigger("demo/hello", nil),
		func(ctx context.Context, input inngestgo.Input[inngestgo.GenericEvent[map[string]any]]) (any, error) {
			return step.Run(ctx, "greet", func(ctx context.Context) (string, error) {
				return "Hello", nil
			})
		},
	)
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("/api/inngest", client.Serve())
	log.Fatal(http.ListenAndServe(":3000", nil))
}`

const SAMPLES: Readonly<Record<Language, Omit<ConnectLines, 'start' | 'url'> & { readonly command: string }>> = {
  typescript: { install: 'npm install inngest', file: 'app.ts', code: TYPESCRIPT, command: 'node app.ts' },
  python: {
    install: 'pip install inngest fastapi uvicorn',
    file: 'app.py',
    code: PYTHON,
    command: 'uvicorn app:app --port 3000',
  },
  go: { install: 'go get github.com/inngest/inngestgo', file: 'main.go', code: GO, command: 'go run .' },
}

/** What to copy. Keys are named, never shown. */
export function connectLines(language: Language, server: ServerFacts): ConnectLines {
  const { command, ...sample } = SAMPLES[language]
  return {
    ...sample,
    start: `${settingsOf(server).join(' \\\n')} \\\n${command}`,
    url: 'http://localhost:3000/api/inngest',
  }
}

function settingsOf({ mode, origin }: ServerFacts): readonly string[] {
  if (mode === 'dev') return [`INNGEST_DEV=${origin}`]
  return [`INNGEST_BASE_URL=${origin}`, 'INNGEST_EVENT_KEY=<an event key>', 'INNGEST_SIGNING_KEY=<the signing key>']
}

/**
 * The URL that a person means, with the scheme that is often left out; undefined when it is none.
 */
export function readUrl(text: string): string | undefined {
  const typed = text.trim()
  if (typed === '' || /\s/.test(typed)) return undefined
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(typed) ? typed : `http://${typed}`
  if (!URL.canParse(whole)) return undefined
  const { protocol, hostname } = new URL(whole)
  return (protocol === 'http:' || protocol === 'https:') && hostname !== '' ? whole : undefined
}
