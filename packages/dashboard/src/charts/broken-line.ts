// Draws a line that ends at a gap. The drawing library's own draws across and cuts the gap out, which leaves the stumps
// of steep lines on both sides.

import type uPlot from 'uplot'

export interface Corner {
  readonly x: number
  readonly y: number
}

/** The unbroken pieces of a series, in order; a null ends one. Pure. */
export function pieces(
  xs: ArrayLike<number>,
  ys: ArrayLike<number | null | undefined>,
): readonly (readonly Corner[])[] {
  const found: Corner[][] = []
  let isOpen = false
  for (let place = 0; place < ys.length; place++) {
    const x = xs[place]
    const y = ys[place]
    const isGap = x === undefined || y === undefined || y === null
    if (!isGap) {
      if (!isOpen) found.push([])
      found.at(-1)?.push({ x, y })
    }
    isOpen = !isGap
  }
  return found
}

/** Paths of a line; with `isFilled` down to zero. */
export function brokenLine(isFilled: boolean): uPlot.Series.PathBuilder {
  return (plot, index) => {
    const stroke = new Path2D()
    const fill = new Path2D()
    const ground = plot.bbox.top + plot.bbox.height
    for (const piece of pieces(plot.data[0], plot.data[index] ?? [])) {
      const corners = piece.map(({ x, y }) => ({ x: plot.valToPos(x, 'x', true), y: plot.valToPos(y, 'y', true) }))
      const [first] = corners
      const last = corners.at(-1)
      if (first === undefined || last === undefined) continue
      stroke.moveTo(first.x, first.y)
      for (const { x, y } of corners) stroke.lineTo(x, y)
      if (!isFilled) continue
      fill.moveTo(first.x, ground)
      for (const { x, y } of corners) fill.lineTo(x, y)
      fill.lineTo(last.x, ground)
      fill.closePath()
    }
    return { stroke, fill: isFilled ? fill : null, clip: null, band: null, flags: CLIP_FILL }
  }
}

/** The library's own flag for paths whose fill is cut at the edge of the plot. */
const CLIP_FILL = 1
