// At the start: a sealed test value in the store tells whether this server has the key under which secrets were stored. A
// wrong key stops the start, before anything is sealed under it.
import { commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import { EngineError } from '../errors.ts'
import { keepTrying } from '../keep-trying.ts'

/** No secret of a user can have this name. */
export const TEST_SECRET = '!instance-key'
const TEST_TEXT = 'pawl'

/** @throws EngineError `instance_key_wrong` */
export async function checkInstanceKey(ctx: EngineContext): Promise<void> {
  if (!ctx.seal.isUsable) return
  if (!(await opens(ctx))) {
    const row = { name: TEST_SECRET, sealed: ctx.seal.seal(TEST_TEXT), updatedAt: ctx.time.now() }
    await commit(ctx, { needs: {}, decide: (draft) => draft.push({ put: 'secret', row }) })
    // Another server may have begun at the same time with another key: the one that was written last stands.
    await keepTrying(ctx, () => opens(ctx))
  }
}

async function opens({ store, seal }: EngineContext): Promise<boolean> {
  const [row] = await store.state.secrets([TEST_SECRET])
  if (row === undefined) return false
  try {
    if (seal.open(row.sealed) === TEST_TEXT) return true
  } catch (cause) {
    throw new EngineError('instance_key_wrong', WRONG, { cause })
  }
  throw new EngineError('instance_key_wrong', WRONG)
}

const WRONG =
  'The instance key is not the one under which the secrets of this state were stored. Give the server that key again: ' +
  'PAWL_INSTANCE_KEY, or the key file beside the database.'
