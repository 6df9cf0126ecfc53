// What a person sees when the server is ready: where it is, where the state is, which apps it serves, what to do next.
import { shownUrl } from '../apps/shown-url.ts'
import type { Config } from '../options.ts'

/** What the banner tells. */
export interface BannerFacts {
  readonly version: string
  readonly url: string
  /** Folder of the state; null when nothing is kept. */
  readonly stateFolder: string | null
  readonly readyMs: number
  readonly config: Config
}

/** The banner for a terminal. */
export function bannerText(facts: BannerFacts): string {
  const { version, url, config } = facts
  const rows: readonly (readonly [string, string])[] = [
    ['Server', url],
    ['State', stateText(facts)],
    ...appsText(config).map((text, index) => [index === 0 ? 'Apps' : '', text] as const),
    ['Connect', `start an app with INNGEST_DEV=${url}`],
  ]
  const lines = rows.map(([name, text]) => `  ${name.padEnd(9)}${text}`)
  return `\n  Pawl ${version}, ready in ${Math.round(facts.readyMs)} ms\n\n${lines.join('\n')}\n\n`
}

function stateText({ stateFolder, config }: BannerFacts): string {
  if (stateFolder === null) return 'in memory: gone when the server ends'
  return config.durability === 'relaxed'
    ? `${stateFolder} (relaxed: a power cut may take the last commits)`
    : stateFolder
}

function appsText(config: Config): readonly string[] {
  const looking = config.discovery ? ['looking on the usual local ports'] : []
  const all = [...config.sdkUrls.map(shownUrl), ...looking]
  return all.length === 0 ? ['those that register themselves'] : all
}
