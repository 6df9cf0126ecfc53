/**
 * Doors in the app's bodies, by name: who comes to a shut one waits until the test opens it. So a test holds a call open for
 * just as long as it needs, whatever the machine is busy with.
 */
export class Doors {
  readonly #shut = new Map<string, { readonly opened: Promise<void>; readonly open: () => void }>()

  shut(name: string): void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#shut.set(name, { opened: promise, open: resolve })
  }

  open(name: string): void {
    this.#shut.get(name)?.open()
    this.#shut.delete(name)
  }

  async pass(name: string): Promise<void> {
    await this.#shut.get(name)?.opened
  }
}
