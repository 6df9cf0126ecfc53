/**
 * The surroundings of a document's function: every name that it uses and does not define. A few are the SDK's; each
 * other one stands for a service, and what is called on it goes over HTTP to a stand-in, as `/<name>/<method>/…`.
 */
import { exchange } from '../harness/http.ts'

/** The names that are given as they are, not made up. */
export type Given = Readonly<Record<string, unknown>>

/**
 * Evaluates a function's text with these names in scope. Names that neither JavaScript nor `given` knows become services.
 *
 * @param origin  Gives the origin of the stand-in for a service.
 */
export function evaluate(source: string, given: Given, origin: (service: string) => string): unknown {
  const names = new Proxy(given, {
    has: (_, name) => typeof name === 'string' && !(name in globalThis),
    get: (target, name) => {
      if (name === Symbol.unscopables || typeof name !== 'string') return undefined
      return name in target ? target[name] : service([name], origin(name))
    },
  })
  // The text comes from the product documents beside the repository; running it is what the test is for.
  return new Function('names', `with (names) { return (${source}\n) }`)(names)
}

/** What stands behind a service's names: it can be called and constructed, and both are caught before it is. */
class Service {}

/** Something at a service: further names lead deeper, a call is a request, `new` gives the service itself. */
function service(path: readonly string[], origin: string): unknown {
  return new Proxy(Service, {
    get: (_, name) => {
      // A promise would be awaited for ever if it looked like one that never settles.
      if (name === 'then' || typeof name !== 'string') return undefined
      if (name === 'toJSON') return () => path.join('.')
      return service([...path, name], origin)
    },
    apply: (_, __, parameters) => call(path, origin, parameters),
    construct: () => Object(service(path, origin)),
  })
}

async function call(path: readonly string[], origin: string, parameters: readonly unknown[]): Promise<unknown> {
  const url = `${origin}/${path.map(encodeURIComponent).join('/')}`
  const answer = await exchange(url, { method: 'POST', body: parameters })
  if (answer.status !== 200) throw new Error(`${path.join('.')} answered ${answer.status}`)
  return answer.json
}
