// Writes index.ts from the .sql files beside it: `node embed.ts`. The statements are part of the program, so that they
// are found from the sources and from a bundle alike; a test fails while the two differ.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

const HEAD = `// Made by embed.ts from the .sql files beside it; change those. The statements are part of the program, so that they are
// found from the sources and from a bundle alike.
import type { Migration } from '../../migrate.ts'

`

/** The text that index.ts must have. */
export function embedMigrations(): string {
  const folder = new URL('./', import.meta.url)
  const files = readdirSync(folder).filter((name) => /^\d{4}-.*\.sql$/.test(name))
  const entries = files.toSorted().map((name) => {
    const sql = readFileSync(new URL(name, folder), 'utf8')
    const literal = sql.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${')
    return `  {\n    number: ${Number(name.slice(0, 4))},\n    name: '${name.slice(0, -'.sql'.length)}',\n    sql: \`${literal}\`,\n  },\n`
  })
  return `${HEAD}export const MIGRATIONS: readonly Migration[] = [\n${entries.join('')}]\n`
}

if (import.meta.main) writeFileSync(new URL('./index.ts', import.meta.url), embedMigrations())
