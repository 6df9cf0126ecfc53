// A run as one JSON file: the run, its steps, and its payloads as far as the server shows them (values that look like
// secrets stay hidden). Payloads are put in as they are stored, so that no number or order of keys is changed.

import { ApiError, PAYLOAD_BYTES_MAX, type Payload, type RunAlone, readPayload, type Span } from '../../api/index.ts'

const PARTS = ['input', 'output', 'error', 'config'] as const

export interface Exported {
  readonly text: string
  /** Some payload was too large to be put in whole. */
  readonly isCut: boolean
}

/** Reads the payloads and puts the file together. */
export async function exportRun(run: RunAlone, trace: Span | undefined): Promise<Exported> {
  const payloads = await Promise.all(PARTS.map((part) => readPart(run.id, part)))
  const members = [`"run":${JSON.stringify(run)}`]
  if (trace !== undefined) members.push(`"trace":${JSON.stringify(trace)}`)
  const cut: string[] = []
  payloads.forEach((payload, index) => {
    const part = PARTS[index]
    if (payload === undefined || part === undefined) return
    const isWhole = payload.until >= payload.totalBytes
    if (!isWhole) cut.push(part)
    members.push(`${JSON.stringify(part)}:${isWhole ? payload.text : JSON.stringify(payload.text)}`)
  })
  if (cut.length > 0) members.push(`"cut":${JSON.stringify(cut)}`)
  return { text: `{${members.join(',\n')}}\n`, isCut: cut.length > 0 }
}

/** undefined when the run has no such part. */
async function readPart(id: string, part: string): Promise<Payload | undefined> {
  try {
    return await readPayload({ of: 'runs', id, part, bytes: PAYLOAD_BYTES_MAX })
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined
    throw error
  }
}
