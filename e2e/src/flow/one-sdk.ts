/**
 * One of the SDKs, for tests whose subject does not depend on which it is. The core of flow control runs on all of them.
 */
import { SDKS, type Sdk } from '../harness/sdk.ts'

/** @throws Error for a slug that no SDK has. */
export function oneSdk(slug: 'v3' | 'v4' | 'v4-plain'): Sdk {
  const found = SDKS.find((sdk) => sdk.slug === slug)
  if (found === undefined) throw new Error(`No SDK ${slug}`)
  return found
}
