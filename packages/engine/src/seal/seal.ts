// Sealing: secrets are stored only under the installation's key (AES-256-GCM), so that a copy of the database alone tells
// nothing. Every text is sealed with an IV of its own; what was changed or sealed under another key does not open.
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { EngineError } from '../errors.ts'

/** Seals and opens texts. */
export interface Seal {
  /** Whether there is a key. */
  readonly isUsable: boolean
  /** @returns `v1:<iv>:<tag>:<data>`, each in base64. @throws EngineError `instance_key_missing` */
  seal(text: string): string
  /** @throws EngineError `instance_key_missing`, `instance_key_wrong` */
  open(sealed: string): string
}

/** Bytes of the key. */
export const INSTANCE_KEY_BYTES = 32

const CIPHER = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16
const VERSION = 'v1'

/** `key`: 32 bytes; null: nothing can be sealed. */
export function createSeal(key: Uint8Array | null, randomBytes: (count: number) => Uint8Array): Seal {
  const keyOrThrow = (): Uint8Array => {
    if (key === null) throw new EngineError('instance_key_missing', MISSING)
    return key
  }
  return {
    isUsable: key !== null,
    seal(text) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv(CIPHER, keyOrThrow(), iv, { authTagLength: TAG_BYTES })
      const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return [VERSION, base64(iv), base64(cipher.getAuthTag()), base64(data)].join(':')
    },
    open(sealed) {
      const [version, iv = '', tag = '', data = ''] = sealed.split(':')
      const secret = keyOrThrow()
      try {
        if (version !== VERSION) throw new Error(`sealed as ${version}`)
        const decipher = createDecipheriv(CIPHER, secret, Buffer.from(iv, 'base64'), { authTagLength: TAG_BYTES })
        decipher.setAuthTag(Buffer.from(tag, 'base64'))
        return Buffer.concat([decipher.update(Buffer.from(data, 'base64')), decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new EngineError('instance_key_wrong', 'A stored secret does not open with this instance key.', { cause })
      }
    },
  }
}

const MISSING = 'Secrets are stored only under an instance key, and this server has none: set PAWL_INSTANCE_KEY.'

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
