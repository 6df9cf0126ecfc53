// What a job calls: URL, method, headers, body, timeout, signature. A stored secret is not known here: its field is empty,
// says so, and what stays empty stays stored.

import { Plus, Trash2 } from 'lucide-react'
import { type JobMethod, useSecretNames } from '../../api/index.ts'
import {
  Button,
  Checkbox,
  Field,
  IconButton,
  JsonEditor,
  Panel,
  Segmented,
  Select,
  TextArea,
  TextInput,
} from '../../ui/index.ts'
import { type HeaderDraft, isSecretHeader, type JobDraft, METHODS, takesBody, usedHeaders } from './job-draft.ts'
import type { PartProps } from './job-form.tsx'
import { messages } from './messages.ts'

export interface RequestFieldsProps extends PartProps {
  readonly hasStoredSigning: boolean
}

export function RequestFields(props: RequestFieldsProps) {
  const { draft, set, faultOf } = props
  return (
    <Panel title={messages.what}>
      <div className="flex flex-col gap-4">
        <div className="flex flex-wrap items-start gap-3">
          <Field label={messages.method} error={faultOf('request.method')}>
            {(control) => (
              <Select<JobMethod>
                {...control}
                value={draft.method}
                options={METHODS.map((value) => ({ value, label: value }))}
                onChange={(method) => set({ method })}
              />
            )}
          </Field>
          <div className="min-w-0 flex-1 basis-72">
            <Field label={messages.url} error={faultOf('request.url')}>
              {(control) => (
                <TextInput
                  {...control}
                  type="url"
                  isMono
                  required
                  autoComplete="off"
                  spellCheck={false}
                  placeholder="https://"
                  value={draft.url}
                  onChange={(event) => set({ url: event.target.value })}
                  className="w-full"
                />
              )}
            </Field>
          </div>
        </div>
        <Headers {...props} />
        <Body {...props} />
        <div className="grid grid-cols-1 gap-4 min-[760px]:grid-cols-2">
          <Field label={messages.timeout} hint={messages.timeoutHint} error={faultOf('timeoutSeconds')}>
            {(control) => (
              <TextInput
                {...control}
                inputMode="numeric"
                autoComplete="off"
                value={draft.timeout}
                onChange={(event) => set({ timeout: event.target.value })}
                className="w-24 tabular-nums"
              />
            )}
          </Field>
          <Signing {...props} />
        </div>
      </div>
    </Panel>
  )
}

function Headers({ draft, set, faultOf }: PartProps) {
  const { headers } = draft
  const { data: secrets = [] } = useSecretNames()
  const used = usedHeaders(draft)
  const change = (row: number, part: Partial<HeaderDraft>) =>
    set({ headers: headers.map((header) => (header.row === row ? { ...header, ...part } : header)) })
  const add = () => {
    const row = Math.max(-1, ...headers.map((header) => header.row)) + 1
    set({ headers: [...headers, { row, name: '', value: '', isSecret: false }] })
  }
  const fault = faultOf('request.headers')
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 font-medium text-xs">{messages.headers}</legend>
      <ul className="flex flex-col gap-2">
        {headers.map((header, index) => (
          <li key={header.row}>
            <HeaderRow
              header={header}
              number={index + 1}
              path={`request.headers[${used.indexOf(header)}]`}
              faultOf={faultOf}
              onChange={(part) => change(header.row, part)}
              onRemove={() => set({ headers: headers.filter(({ row }) => row !== header.row) })}
            />
          </li>
        ))}
      </ul>
      <div className="mt-2 flex flex-wrap items-center gap-3">
        <Button size="sm" icon={Plus} onClick={add}>
          {messages.addHeader}
        </Button>
        <span className="text-muted text-xs">{messages.headersHint}</span>
      </div>
      {secrets.length > 0 && (
        <p className="mt-1 text-muted text-xs">
          {messages.secrets(secrets.map(({ name }) => `{{secrets.${name}}}`).join(', '))}
        </p>
      )}
      {fault !== undefined && (
        <p role="alert" className="text-failed-fg text-xs">
          {fault}
        </p>
      )}
    </fieldset>
  )
}

interface HeaderRowProps {
  readonly header: HeaderDraft
  readonly number: number
  readonly path: string
  readonly faultOf: (path: string) => string | undefined
  readonly onChange: (part: Partial<HeaderDraft>) => void
  readonly onRemove: () => void
}

function HeaderRow({ header, number, path, faultOf, onChange, onRemove }: HeaderRowProps) {
  const { name, value, isSecret, storedAs } = header
  const isStored = storedAs !== undefined && isSecret && name.trim().toLowerCase() === storedAs.toLowerCase()
  // The server takes these for secret unless it is told otherwise, so the box says so before it is sent.
  const rename = (next: string) =>
    onChange({ name: next, ...(isSecretHeader(next) && !isSecretHeader(name) ? { isSecret: true } : {}) })
  return (
    <div className="flex flex-wrap items-start gap-2">
      <div className="min-w-0 flex-1 basis-36">
        <Field label={messages.headerNameAt(number)} isLabelHidden error={faultOf(`${path}.name`)}>
          {(control) => (
            <TextInput
              {...control}
              isMono
              autoComplete="off"
              spellCheck={false}
              placeholder={messages.headerName}
              value={name}
              onChange={(event) => rename(event.target.value)}
              className="w-full"
            />
          )}
        </Field>
      </div>
      <div className="min-w-0 flex-2 basis-52">
        <Field label={messages.headerValueAt(number)} isLabelHidden error={faultOf(`${path}.value`)}>
          {(control) => (
            <TextInput
              {...control}
              isMono
              type={isSecret ? 'password' : 'text'}
              autoComplete={isSecret ? 'new-password' : 'off'}
              spellCheck={false}
              placeholder={isStored ? messages.stored : ''}
              value={value}
              onChange={(event) => onChange({ value: event.target.value })}
              className="w-full"
            />
          )}
        </Field>
      </div>
      <Checkbox
        label={messages.secret}
        aria-label={messages.headerSecretAt(number)}
        checked={isSecret}
        onChange={(event) => onChange({ isSecret: event.target.checked })}
        className="h-7"
      />
      <IconButton label={messages.removeHeader(number)} icon={Trash2} onClick={onRemove} />
    </div>
  )
}

const TEXT_TYPES = [
  'text/plain; charset=utf-8',
  'application/x-www-form-urlencoded',
  'application/xml',
  'text/csv',
  'application/x-ndjson',
] as const

function Body({ draft, set, faultOf }: PartProps) {
  const { method, bodyKind, body, contentType } = draft
  const fault = faultOf('request.body')
  if (!takesBody(method)) return <p className="text-muted text-xs">{messages.noBody(method)}</p>
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <div className="flex flex-wrap items-center gap-3">
        <span className="font-medium text-xs">{messages.body}</span>
        <Segmented<JobDraft['bodyKind']>
          label={messages.body}
          value={bodyKind}
          options={(['none', 'json', 'text'] as const).map((value) => ({ value, label: messages.bodyKinds[value] }))}
          onChange={(kind) => set({ bodyKind: kind, ...(kind === 'json' && body === '' ? { body: '{}' } : {}) })}
        />
        {bodyKind === 'text' && (
          <Field label={messages.contentType} isLabelHidden>
            {(control) => (
              <>
                <TextInput
                  {...control}
                  isMono
                  list="job-text-types"
                  autoComplete="off"
                  spellCheck={false}
                  value={contentType}
                  onChange={(event) => set({ contentType: event.target.value })}
                  className="w-72 max-w-full"
                />
                <datalist id="job-text-types">
                  {TEXT_TYPES.map((type) => (
                    <option key={type} value={type} />
                  ))}
                </datalist>
              </>
            )}
          </Field>
        )}
      </div>
      {bodyKind === 'json' && (
        <JsonEditor label={messages.body} value={body} height={160} onChange={(text) => set({ body: text })} />
      )}
      {bodyKind === 'text' && (
        <TextArea
          isMono
          aria-label={messages.body}
          aria-invalid={fault === undefined ? undefined : true}
          rows={6}
          spellCheck={false}
          value={body}
          onChange={(event) => set({ body: event.target.value })}
        />
      )}
      {fault !== undefined && (
        <p role="alert" className="text-failed-fg text-xs">
          {fault}
        </p>
      )}
    </div>
  )
}

function Signing({ draft, set, faultOf, hasStoredSigning }: RequestFieldsProps) {
  const kinds = hasStoredSigning ? (['none', 'stored', 'typed'] as const) : (['none', 'typed'] as const)
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <span className="font-medium text-xs">{messages.signing}</span>
      <div>
        <Segmented<JobDraft['signing']>
          label={messages.signing}
          value={draft.signing}
          options={kinds.map((value) => ({ value, label: messages.signings[value] }))}
          onChange={(signing) => set({ signing })}
        />
      </div>
      {draft.signing === 'typed' && (
        <Field
          label={messages.signingSecret}
          isLabelHidden
          hint={messages.signingHint}
          error={faultOf('signingSecret')}
        >
          {(control) => (
            <TextInput
              {...control}
              isMono
              type="password"
              autoComplete="new-password"
              placeholder="whsec_…"
              value={draft.signingSecret}
              onChange={(event) => set({ signingSecret: event.target.value })}
              className="w-full"
            />
          )}
        </Field>
      )}
    </div>
  )
}
