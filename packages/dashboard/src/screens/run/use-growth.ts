// Lets the bars of what goes on grow with the clock, by moving their right edges in the page directly. Browsers give no
// frames to a hidden tab, so that it stops there by itself; with motion reduced it moves once a second.

import { type RefObject, useEffect } from 'react'
import { serverNow } from '../../ui/index.ts'
import { placeOf, type Scale } from './time-scale.ts'

/** A change of width below this share of the axis cannot be seen. */
const LEAST = 0.0002

/** Grows every element with `data-grows` (its left edge, 0 to 1) inside of `ref`. */
export function useGrowth(ref: RefObject<HTMLElement | null>, scale: Scale, isOn: boolean) {
  useEffect(() => {
    if (!isOn) return
    const isCalm = window.matchMedia('(prefers-reduced-motion: reduce)').matches
    let shown = Number.NEGATIVE_INFINITY
    let frame = 0
    let timer: ReturnType<typeof setTimeout> | undefined
    const next = () => {
      if (isCalm) timer = setTimeout(grow, 1000)
      else frame = requestAnimationFrame(grow)
    }
    const grow = () => {
      const x = Math.min(1, placeOf(scale, serverNow()))
      if (Math.abs(x - shown) >= LEAST) {
        shown = x
        for (const element of ref.current?.querySelectorAll<HTMLElement>('[data-grows]') ?? []) {
          element.style.width = `${Math.max(0, x - Number(element.dataset['grows'])) * 100}%`
        }
      }
      next()
    }
    next()
    return () => {
      cancelAnimationFrame(frame)
      clearTimeout(timer)
    }
  }, [ref, scale, isOn])
}
