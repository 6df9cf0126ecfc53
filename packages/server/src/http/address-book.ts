// Which methods an address takes, for answers to those that it does not. Asked only when no route was found.
import type { Route } from './route.ts'

interface Address {
  readonly pattern: RegExp
  readonly methods: readonly string[]
}

export class AddressBook {
  readonly #addresses: readonly Address[]

  constructor(routes: readonly Route[]) {
    this.#addresses = routes.flatMap((route) => {
      const given = typeof route.method === 'string' ? [route.method] : route.method
      const methods = [...given, ...(given.includes('GET') ? ['HEAD'] : []), ...(route.rules.cors ? ['OPTIONS'] : [])]
      const paths = typeof route.path === 'string' ? [route.path] : route.path
      return paths.map((path) => ({ pattern: patternOf(path), methods }))
    })
  }

  /** Methods in alphabetical order; none when nothing is at the path. */
  methodsOf(path: string): readonly string[] {
    const found = this.#addresses.filter((address) => address.pattern.test(path)).flatMap((address) => address.methods)
    return [...new Set(found)].sort()
  }
}

function patternOf(path: string): RegExp {
  const source = path
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part === '*' ? '.+' : part.replace(/[.+]/g, '\\$&')))
    .join('/')
  return new RegExp(`^${source}/?$`)
}
