// An event as a command or as a few lines of a language, to be copied. Pure. Keys are never written into the text: where
// one is needed, it is read from the environment, as SDKs do.

export type Language = 'curl' | 'typescript' | 'python' | 'go'

export const LANGUAGES: readonly { readonly id: Language; readonly label: string }[] = [
  { id: 'curl', label: 'curl' },
  { id: 'typescript', label: 'TypeScript' },
  { id: 'python', label: 'Python' },
  { id: 'go', label: 'Go' },
]

export interface CodeEvent {
  readonly name: string
  /** JSON text. */
  readonly dataText: string
}

/** @param eventUrl where events are sent, with the key or a place for it. */
export function eventCode(language: Language, event: CodeEvent, eventUrl: string): string {
  switch (language) {
    case 'curl':
      return curl(event, eventUrl)
    case 'typescript':
      return typescript(event)
    case 'python':
      return python(event)
    case 'go':
      return go(event)
  }
}

function curl({ name, dataText }: CodeEvent, eventUrl: string): string {
  const body = `{"name":${JSON.stringify(name)},"data":${compact(dataText)}}`
  return `curl -X POST ${shellWord(eventUrl)} \\\n  -H 'Content-Type: application/json' \\\n  --data ${shellWord(body)}`
}

/** A word for a POSIX shell; variables such as `$KEY` in an address stay variables. */
function shellWord(text: string): string {
  if (/^[\w:/.-]+$/.test(text)) return text
  if (/^[\w:/.$-]+$/.test(text)) return `"${text}"`
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** JSON on one line where it can be parsed; numbers beyond doubles are kept by leaving the text alone. */
function compact(text: string): string {
  try {
    const value: unknown = JSON.parse(text)
    const short = JSON.stringify(value)
    return JSON.stringify(JSON.parse(short)) === short && !/\d{16}/.test(text) ? short : text.trim()
  } catch {
    return text.trim()
  }
}

function typescript({ name, dataText }: CodeEvent): string {
  return `import { Inngest } from 'inngest'

const inngest = new Inngest({ id: 'my-app' })

await inngest.send({
  name: ${JSON.stringify(name)},
  data: ${indentRest(pretty(dataText), 2)},
})
`
}

function python({ name, dataText }: CodeEvent): string {
  return `import inngest

client = inngest.Inngest(app_id="my-app")

client.send_sync(
    inngest.Event(
        name=${JSON.stringify(name)},
        data=${indentRest(pythonValue(parse(dataText)), 8)},
    )
)
`
}

function go({ name, dataText }: CodeEvent): string {
  return `package main

import (
	"context"

	"github.com/inngest/inngestgo"
)

func main() {
	client, err := inngestgo.NewClient(inngestgo.ClientOpts{AppID: "my-app"})
	if err != nil {
		panic(err)
	}
	_, err = client.Send(context.Background(), inngestgo.Event{
		Name: ${JSON.stringify(name)},
		Data: ${goValue(parse(dataText), 2)},
	})
	if err != nil {
		panic(err)
	}
}
`
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

function indentRest(text: string, spaces: number): string {
  return text.replaceAll('\n', `\n${' '.repeat(spaces)}`)
}

function pythonValue(value: unknown, depth = 0): string {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  const pad = ' '.repeat((depth + 1) * 4)
  const end = ' '.repeat(depth * 4)
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    return `[\n${value.map((each) => `${pad}${pythonValue(each, depth + 1)},\n`).join('')}${end}]`
  }
  if (typeof value === 'object') {
    const entries = Object.entries(value)
    if (entries.length === 0) return '{}'
    return `{\n${entries.map(([key, each]) => `${pad}${JSON.stringify(key)}: ${pythonValue(each, depth + 1)},\n`).join('')}${end}}`
  }
  return JSON.stringify(value)
}

function goValue(value: unknown, depth: number): string {
  if (value === null || value === undefined) return 'nil'
  const pad = '\t'.repeat(depth + 1)
  const end = '\t'.repeat(depth)
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]any{}'
    return `[]any{\n${value.map((each) => `${pad}${goValue(each, depth + 1)},\n`).join('')}${end}}`
  }
  if (typeof value === 'object') {
    const entries = Object.entries(value)
    if (entries.length === 0) return 'map[string]any{}'
    return `map[string]any{\n${entries.map(([key, each]) => `${pad}${JSON.stringify(key)}: ${goValue(each, depth + 1)},\n`).join('')}${end}}`
  }
  return JSON.stringify(value)
}
