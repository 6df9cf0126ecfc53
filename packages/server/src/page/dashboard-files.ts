// The files of the built dashboard. Names are looked up among those that were found in its folder, so no address leads out
// of it; contents are kept once they were read. When the dashboard is built anew its files are looked for again.
import { hash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'

export interface DashboardFile {
  readonly bytes: Buffer
  readonly type: string
  readonly encoding: 'br' | 'gzip' | null
  readonly etag: string
  /** Its name has a hash of its content: it never changes. */
  readonly isImmutable: boolean
}

const INDEX = 'index.html'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
}

/** Variants that the build has made, the best first. */
const VARIANTS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const

/** `assets/<name>-<hash>.<extension>`, as the build names them. */
const HASHED = /^assets\/.+-[\w-]{8,}\.\w+$/

interface Build {
  /** When its index was written: another one is another build. */
  readonly madeAt: number
  readonly names: ReadonlySet<string>
  readonly contents: Map<string, Promise<Buffer>>
}

export class DashboardFiles {
  readonly #folder: string
  #build: Build | undefined

  constructor(folder: string) {
    this.#folder = folder
  }

  /** The page as it was built; undefined when it has not been built. */
  async index(): Promise<string | undefined> {
    const build = await this.#current()
    return build === undefined ? undefined : (await this.#content(build, INDEX)).toString('utf8')
  }

  /**
   * A file that belongs to the page.
   *
   * @param name     From the folder, with slashes, such as `assets/index-4fA1.js`.
   * @param accepts  The encodings that the browser reads, as `Accept-Encoding` has them.
   * @returns undefined when there is no such file.
   */
  async file(name: string, accepts: string | undefined): Promise<DashboardFile | undefined> {
    const build = this.#build?.names.has(name) === true ? this.#build : await this.#current()
    const type = TYPES[extname(name)]
    if (build === undefined || type === undefined || name === INDEX || !build.names.has(name)) return undefined
    const [encoding, suffix] = variantOf(build, name, accepts)
    const bytes = await this.#content(build, name + suffix)
    return { bytes, type, encoding, etag: etagOf(bytes), isImmutable: HASHED.test(name) }
  }

  #content(build: Build, name: string): Promise<Buffer> {
    const known = build.contents.get(name)
    if (known !== undefined) return known
    const reading = readFile(join(this.#folder, name))
    build.contents.set(name, reading)
    // Not kept when it fails: a build that is being made may be whole a moment later.
    reading.catch(() => build.contents.delete(name))
    return reading
  }

  async #current(): Promise<Build | undefined> {
    const made = await stat(join(this.#folder, INDEX)).catch(() => undefined)
    if (made === undefined) return undefined
    if (this.#build?.madeAt === made.mtimeMs) return this.#build
    const entries = await readdir(this.#folder, { recursive: true })
    const names = new Set(entries.map((name) => name.replaceAll('\\', '/')))
    this.#build = { madeAt: made.mtimeMs, names, contents: new Map() }
    return this.#build
  }
}

function variantOf(build: Build, name: string, accepts = ''): readonly [DashboardFile['encoding'], string] {
  for (const [encoding, suffix] of VARIANTS) {
    if (build.names.has(name + suffix) && takes(accepts, encoding)) return [encoding, suffix]
  }
  return [null, '']
}

/** Whether an `Accept-Encoding` names an encoding and does not rule it out (`br;q=0`). */
function takes(accepts: string, encoding: string): boolean {
  return accepts.split(',').some((part) => {
    const [name = '', ...parameters] = part.split(';')
    return name.trim().toLowerCase() === encoding && !parameters.some((each) => /^\s*q=0(?:\.0*)?\s*$/.test(each))
  })
}

/** Of the bytes as they are sent, so that a compressed one has its own (RFC 9110, section 8.8.3). */
export function etagOf(bytes: string | Buffer): string {
  return `"${hash('sha256', bytes, 'base64url').slice(0, 22)}"`
}
