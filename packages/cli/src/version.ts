// The version of the package, read from its manifest: one level above, from source as well as from the bundle.
import { readFileSync } from 'node:fs'

/** Such as `1.2.0`. */
export function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '0.0.0'
}
