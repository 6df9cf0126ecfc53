// What a person sees when the server is ready: where it is, where the state is, which apps it serves, what to do next.
import { appSetting } from '../apps/app-setting.ts'
import { shownUrl } from '../apps/shown-url.ts'
import type { Config } from '../options.ts'

/** What the banner tells. */
export interface BannerFacts {
  readonly version: string
  readonly url: string
  /** Where the state is. */
  readonly state: string
  readonly readyMs: number
  readonly config: Config
}

/** The banner for a terminal. */
export function bannerText(facts: BannerFacts): string {
  const { version, url, state, config } = facts
  const rows: readonly (readonly [string, string])[] = [
    ['Server', url],
    ['State', state],
    ...appsText(config).map((text, index) => [index === 0 ? 'Apps' : '', text] as const),
    ['Connect', `start an app with ${appSetting(config.command, url)}`],
  ]
  const lines = rows.map(([name, text]) => `  ${name.padEnd(9)}${text}`)
  return `\n  Pawl ${version}, ready in ${Math.round(facts.readyMs)} ms\n\n${lines.join('\n')}\n\n`
}

function appsText(config: Config): readonly string[] {
  const looking = config.discovery ? ['looking on the usual local ports'] : []
  const all = [...config.sdkUrls.map(shownUrl), ...looking]
  return all.length === 0 ? ['those that register themselves'] : all
}
