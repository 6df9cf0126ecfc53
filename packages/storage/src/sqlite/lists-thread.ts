// The near end of the thread that reads lists: starts it with the first question, sends one question at a time, and
// starts it anew when it dies or when one question takes too long. The engine's thread never waits for a list.
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { StorageError } from '../errors.ts'
import type { ListQueries } from './lists-queries.ts'
import type { ListAnswer, ListQuestion } from './lists-worker.ts'

interface Pending {
  readonly question: ListQuestion
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** Milliseconds for one read; whoever asked has given up long before. */
const QUESTION_MS = 10_000
/** Questions that may wait for the thread. More are refused: people poll, and a slow disk must not fill the memory. */
const WAITING_MAX = 1_000

export class ListThread {
  readonly #path: string
  readonly #questionMs: number
  readonly #waiting: Pending[] = []
  #open: Pending | undefined
  #worker: Worker | undefined
  #timer: NodeJS.Timeout | undefined
  #next = 1
  #closed = false

  constructor(path: string, questionMs = QUESTION_MS) {
    this.#path = path
    this.#questionMs = questionMs
  }

  /** @throws StorageError `storage_error` when the read failed or took too long, `storage_closed` after `close`. */
  ask(name: keyof ListQueries, args: readonly unknown[]): Promise<unknown> {
    if (this.#closed) return Promise.reject(new StorageError('storage_closed', 'The list reads are closed'))
    if (this.#waiting.length >= WAITING_MAX) {
      return Promise.reject(new StorageError('storage_error', 'Too many list reads are waiting; ask again later'))
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ question: { id: this.#next++, name, args }, resolve, reject })
      this.#send()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    const left = this.#open === undefined ? this.#waiting : [this.#open, ...this.#waiting]
    for (const { reject } of left.splice(0)) reject(new StorageError('storage_closed', 'The list reads were closed'))
    this.#waiting.length = 0
    this.#open = undefined
    await this.#drop()
  }

  #send(): void {
    if (this.#open !== undefined) return
    const next = this.#waiting.shift()
    if (next === undefined) return
    this.#open = next
    this.#worker ??= this.#start()
    this.#worker.ref()
    this.#timer = setTimeout(() => this.#lose('it took too long'), this.#questionMs).unref()
    this.#worker.postMessage(next.question)
  }

  #start(): Worker {
    const worker = new Worker(workerUrl(), { workerData: { path: this.#path }, name: 'pawl-lists' })
    worker.on('message', (answer: ListAnswer) => this.#take(answer))
    worker.on('error', (error) => this.#worker === worker && this.#lose(error.message))
    worker.on('exit', () => this.#worker === worker && this.#lose('its thread ended'))
    return worker
  }

  #take(answer: ListAnswer): void {
    const open = this.#open
    if (open === undefined || open.question.id !== answer.id) return
    this.#settle()
    if ('error' in answer) open.reject(new StorageError('storage_error', `A list could not be read: ${answer.error}`))
    else open.resolve(answer.value)
    this.#send()
  }

  /** The question that is open cannot be answered any more; those that wait go to a new thread. */
  #lose(reason: string): void {
    const open = this.#open
    this.#settle()
    void this.#drop()
    open?.reject(new StorageError('storage_error', `A list could not be read: ${reason}`))
    this.#send()
  }

  #settle(): void {
    clearTimeout(this.#timer)
    this.#open = undefined
    // An idle thread must not keep the process alive.
    if (this.#waiting.length === 0) this.#worker?.unref()
  }

  async #drop(): Promise<void> {
    clearTimeout(this.#timer)
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
  }
}

/** Beside this file, under the extension that this file has: `.ts` from source, `.js` or `.mjs` when it was built. */
function workerUrl(): URL {
  return new URL(`./lists-worker${extname(new URL(import.meta.url).pathname)}`, import.meta.url)
}
