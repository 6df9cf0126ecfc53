// A cron in words. The library that knows them is loaded when the list is first shown; until it is there, and for what it
// does not know, the expression itself is shown.

import { useEffect, useState } from 'react'

type Words = (cron: string) => string | undefined

let loaded: Words | undefined
let loading: Promise<Words> | undefined

async function load(): Promise<Words> {
  const { default: cronstrue } = await import('cronstrue')
  const known = new Map<string, string | undefined>()
  return (cron) => {
    if (!known.has(cron)) known.set(cron, wordsOf(cron))
    return known.get(cron)
  }
  function wordsOf(cron: string): string | undefined {
    try {
      return cronstrue.toString(cron, { use24HourTimeFormat: true, throwExceptionOnParseError: true })
    } catch {
      return undefined
    }
  }
}

/** What puts crons in words; until it is loaded it knows none. */
export function useCronWords(): Words {
  const [words, setWords] = useState<{ readonly of: Words } | undefined>(loaded && { of: loaded })
  useEffect(() => {
    if (words !== undefined) return
    let isOver = false
    loading ??= load()
    // Without the words the list still says everything: the expressions.
    loading.then(
      (of) => {
        loaded = of
        if (!isOver) setWords({ of })
      },
      () => {
        loading = undefined
      },
    )
    return () => {
      isOver = true
    }
  }, [words])
  return words?.of ?? none
}

const none: Words = () => undefined
