// A sentence about a configuration, with its pieces of code set as code.

import { Fragment } from 'react'
import type { WordPart } from './config-words.ts'

export function Words({ parts }: { readonly parts: readonly WordPart[] }) {
  return (
    <>
      {parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a sentence are known by their places.
        <Fragment key={index}>{typeof part === 'string' ? part : <Code>{part.code}</Code>}</Fragment>
      ))}
    </>
  )
}

/** A piece of code in a sentence. */
export function Code({ children }: { readonly children: React.ReactNode }) {
  return <code className="mono wrap-anywhere rounded-sm bg-sunken px-1 py-px text-xs">{children}</code>
}
