// The server's end of one connection. What was sent runs to its end, also when nobody is left to hear of it; a transaction
// that is then open, or whose client is silent for too long, is rolled back.
import { StorageError } from '@pawl/storage'
import { IDLE_MS, type ModelServer, Transaction } from './model-server.ts'

export class Session {
  /** Of its process: what carries an older one is refused. */
  number = 0
  /** The client's end is closed, or the server has closed it. */
  isGone = false
  transaction: Transaction | null = null
  readonly #server: ModelServer
  #isBusy = false
  #cancelIdle: () => void = () => {}

  constructor(server: ModelServer) {
    this.#server = server
    server.sessions.add(this)
  }

  /** Runs what one message asks for. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    this.#cancelIdle()
    this.#isBusy = true
    try {
      return await work()
    } catch (error) {
      this.rollback()
      throw error
    } finally {
      this.#isBusy = false
      if (this.isGone) this.rollback()
      else if (this.transaction !== null) this.#cancelIdle = this.#server.options.after(IDLE_MS, () => this.close())
    }
  }

  begin(): Transaction {
    this.rollback()
    this.transaction = new Transaction()
    return this.transaction
  }

  rollback(): void {
    if (this.transaction !== null) this.#server.rollback(this.transaction)
    this.transaction = null
  }

  /** The transaction's changes are in the tables, in this very instant. */
  commit(transaction: Transaction): void {
    this.#server.commit(transaction)
    this.transaction = null
  }

  close(): void {
    this.isGone = true
    this.#server.sessions.delete(this)
    this.#cancelIdle()
    if (!this.#isBusy) this.rollback()
  }

  /** The server goes down: what has not committed never was. */
  kill(): void {
    this.close()
    this.rollback()
  }
}

/** Thrown at the client's end. What was asked may have been done. */
export class LinkLost extends StorageError {
  constructor() {
    super('storage_error', 'model: the connection was lost')
  }
}
