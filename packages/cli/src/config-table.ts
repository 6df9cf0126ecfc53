// The manual's table of options, from the schema. `tools/docs.ts` writes it to docs/configuration.md and refuses a stale one.
import {
  CONFIG_FLAG,
  type CommandName,
  defaultFor,
  environmentNames,
  FOREIGN_FLAGS,
  OPTION_LIST,
  type OptionSpec,
} from './options.ts'

/** All options as rows of a Markdown table. */
export function configTable(): string {
  const specs = [...OPTION_LIST.map(([, spec]) => spec), CONFIG_FLAG]
  const rows = specs.map((spec) => `| ${cells(spec).join(' | ')} |`)
  return ['| flag | value | default | environment | effect |', '|---|---|---|---|---|', ...rows].join('\n')
}

/** The flags that are accepted without effect. */
export function foreignTable(): string {
  const rows = Object.entries(FOREIGN_FLAGS).map(([flag, { why }]) => `| \`--${flag}\` | ${why} |`)
  return ['| flag | why it has no effect |', '|---|---|', ...rows].join('\n')
}

function cells(spec: OptionSpec): readonly string[] {
  const flag = spec.short === undefined ? `\`--${spec.flag}\`` : `\`--${spec.flag}\`, \`-${spec.short}\``
  const names = environmentNames(spec).map((name) => `\`${name}\``)
  return [flag, valueText(spec), bothDefaults(spec), names.join(' '), `${onlyText(spec)}${spec.says}`]
}

function valueText(spec: OptionSpec): string {
  switch (spec.type) {
    case 'duration':
      return `time; a bare number is in ${spec.unit ?? 'ms'}`
    case 'integer':
      return `${spec.min ?? 0} to ${spec.max ?? ''}`
    case 'list':
      return 'text; may be repeated, or a list with commas'
    case 'choice':
      return (spec.choices ?? []).map((choice) => `\`${choice}\``).join(', ')
    case 'boolean':
      return 'none'
    case 'text':
      return 'text'
  }
}

function onlyText({ only }: OptionSpec): string {
  return only === undefined ? '' : `\`pawl ${only}\`: `
}

function bothDefaults(spec: OptionSpec): string {
  const [dev, start] = [defaultText(spec, 'dev'), defaultText(spec, 'start')]
  return dev === start ? dev : `${dev}; \`start\`: ${start}`
}

/** The default of a command as a person would write it; also used by `--help`. */
export function defaultText(spec: OptionSpec, command: CommandName): string {
  const value = defaultFor(spec, command)
  if (spec.type === 'duration') return spec.unit === 's' ? `${Number(value) / 1_000}s` : `${value}ms`
  if (spec.type === 'boolean' || value === '') return ''
  return typeof value === 'object' ? value.join(', ') : String(value)
}
