// The configuration in plain words with the source beside it, and how full each limit is now; and what it was before.

import { useMemo } from 'react'
import { type Fn, type FnVersion, type LimitNow, useLimits, useVersions } from '../../api/index.ts'
import { CodeBlock, CopyButton, Loaded, Panel, SkeletonRows, Status, Time } from '../../ui/index.ts'
import { type ConfigSentence, configChange, configSentences } from './config-words.ts'
import { LimitBar } from './limits.tsx'
import { messages } from './messages.ts'
import { Words } from './words.tsx'

const t = messages.configuration

/** What the function does, sentence by sentence. */
export function Configuration({ fn }: { readonly fn: Fn }) {
  const sentences = useMemo(() => configSentences(fn), [fn])
  const limits = useLimits(fn.app.id, fn.id)
  return (
    <Panel title={t.title} isFlush actions={<CopyButton text={sourceText(fn)} label={t.copy} />}>
      <ul>
        {sentences.map((sentence) => (
          <li
            key={sentence.path}
            className="grid grid-cols-1 items-start gap-x-6 gap-y-1 border-border border-b px-3 py-2 last:border-b-0 min-[800px]:grid-cols-2"
          >
            <div className="min-w-0">
              <p>
                <Words parts={sentence.parts} />
              </p>
              <LimitOf sentence={sentence} limits={limits.data ?? []} />
            </div>
            <Source sentence={sentence} />
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function LimitOf({ sentence, limits }: { readonly sentence: ConfigSentence; readonly limits: readonly LimitNow[] }) {
  const limit = limits.find(({ rule }) => rule === sentence.path)
  return limit === undefined ? null : (
    <div className="mt-1 max-w-80">
      <LimitBar limit={limit} />
    </div>
  )
}

function Source({ sentence: { path, source } }: { readonly sentence: ConfigSentence }) {
  return (
    <p className="mono break-words text-muted text-xs leading-5">
      <span className="sr-only">{t.source}: </span>
      <span className="text-text">{path}</span>: {source}
    </p>
  )
}

function sourceText({ configuration, triggers }: Pick<FnVersion, 'configuration'> & Pick<Fn, 'triggers'>): string {
  return JSON.stringify({ triggers: triggers ?? [], ...configuration }, null, 2)
}

/** Earlier configurations, each with what it changed. */
export function History({ fn }: { readonly fn: Fn }) {
  const versions = useVersions(fn.app.id, fn.id)
  return (
    <Panel title={messages.history.title} isFlush>
      <Loaded query={versions} errorTitle={messages.history.notRead} skeleton={<SkeletonRows count={3} />}>
        {(list) =>
          list.length === 0 ? (
            <p className="px-3 py-4 text-muted">{messages.history.none}</p>
          ) : (
            <ol>
              {list.map((version, index) => (
                <Version key={version.version} version={version} before={list[index + 1]} isCurrent={index === 0} />
              ))}
            </ol>
          )
        }
      </Loaded>
    </Panel>
  )
}

interface VersionProps {
  readonly version: FnVersion
  readonly before: FnVersion | undefined
  readonly isCurrent: boolean
}

function Version({ version, before, isCurrent }: VersionProps) {
  const h = messages.history
  const change = useMemo(() => (before === undefined ? undefined : configChange(version, before)), [version, before])
  const isSame = change !== undefined && change.added.length + change.removed.length === 0
  return (
    <li className="border-border border-b px-3 py-2.5 last:border-b-0">
      <p className="flex flex-wrap items-baseline gap-x-3">
        <span className="font-medium">{h.version(version.version)}</span>
        <span className="text-muted text-xs">
          <Time at={version.at} look="date" />
        </span>
        {isCurrent && <Status kind="completed" look="badge" word={h.current} />}
      </p>
      {change === undefined && (
        <>
          <p className="mt-1 text-muted">{h.first}</p>
          <ChangeList sentences={configSentences(version)} sign="+" word={h.added} />
        </>
      )}
      {isSame && <p className="mt-1 text-muted">{h.same}</p>}
      {change !== undefined && (
        <>
          <ChangeList sentences={change.removed} sign="−" word={h.removed} />
          <ChangeList sentences={change.added} sign="+" word={h.added} />
        </>
      )}
      <details className="mt-1.5">
        <summary className="w-fit cursor-pointer rounded-sm text-muted text-xs hover:text-text">{h.showSource}</summary>
        <div className="mt-1.5">
          <CodeBlock code={sourceText(version)} label={`${h.version(version.version)} ${t.source}`} />
        </div>
      </details>
    </li>
  )
}

interface ChangeListProps {
  readonly sentences: readonly ConfigSentence[]
  readonly sign: '+' | '−'
  readonly word: string
}

function ChangeList({ sentences, sign, word }: ChangeListProps) {
  if (sentences.length === 0) return null
  const isAdded = sign === '+'
  return (
    <ul className="mt-1 flex flex-col gap-0.5">
      {sentences.map(({ path, parts }) => (
        <li key={path} className="flex items-baseline gap-2">
          <span
            aria-hidden
            className={`mono w-3 shrink-0 text-center font-semibold ${isAdded ? 'text-completed-fg' : 'text-failed-fg'}`}
          >
            {sign}
          </span>
          <span className={isAdded ? '' : 'text-muted'}>
            <span className="sr-only">{word}: </span>
            <Words parts={parts} />
          </span>
        </li>
      ))}
    </ul>
  )
}
