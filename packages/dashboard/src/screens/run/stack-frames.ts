// Reads the stack of an error as its runtime printed it (JavaScript, Python, Go) and tells the frames of the user's own
// code from those of libraries and the runtime. Pure. A line that is not understood is shown as it is, never dropped.

export interface Frame {
  readonly text: string
  /** Of the user's own code. */
  readonly isOwn: boolean
  readonly name?: string
  /** File with line and column. */
  readonly place?: string
}

/** Frames in a row that are not the user's own. */
export interface Folded {
  readonly folded: readonly Frame[]
}

const LIBRARY =
  /node_modules|node:internal|^node:|\bnode:|<anonymous>|\bnative\b|site-packages|dist-packages|[/\\]lib[/\\]python|\/pkg\/mod\/|\/go\/src\/runtime\/|\/usr\/local\/go\/|\bdeno:|\bext:|bun:|webpack-internal|\.pnpm/
const JS_FRAME = /^\s*at (?:async )?(?:(.+?) \()?(?:file:\/\/)?([^()]+?(?::\d+){1,2})\)?$/
const JS_FRAME_BARE = /^\s*at (.+)$/
const PY_FRAME = /^\s*File "([^"]+)", line (\d+)(?:, in (.+))?$/

/** Frames in order, those of libraries folded together. The message at the head of the stack is left out. */
export function readStack(stack: string, message = ''): readonly (Frame | Folded)[] {
  const frames = framesOf(stack, message)
  // With no frame of the user's own there is nothing to stand out: the first few are shown.
  const hasOwn = frames.some((frame) => frame.isOwn)
  const result: (Frame | Folded)[] = []
  let folded: Frame[] = []
  const close = () => {
    if (folded.length > 0) result.push({ folded })
    folded = []
  }
  frames.forEach((frame, index) => {
    if (frame.isOwn || (!hasOwn && index < 3)) {
      close()
      result.push(frame)
    } else folded.push(frame)
  })
  close()
  return result
}

function framesOf(stack: string, message: string): readonly Frame[] {
  const lines = stack.split('\n').filter((line) => line.trim() !== '')
  const first = lines.findIndex((line) => JS_FRAME_BARE.test(line) || PY_FRAME.test(line))
  // The head repeats name and message, which stand above.
  const head = lines.slice(0, Math.max(0, first)).join('\n')
  const isRepeated =
    first > 0 && (message === '' || head.includes(firstLine(message)) || /^Traceback/.test(head.trim()))
  return joinPython((isRepeated ? lines.slice(first) : lines).map(frameOf))
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}

function frameOf(line: string): Frame {
  const text = line.trim()
  const js = JS_FRAME.exec(line)
  if (js?.[2] !== undefined) {
    const place = js[2].trim()
    return { text, place, isOwn: !LIBRARY.test(place), ...(js[1] === undefined ? {} : { name: js[1] }) }
  }
  const bare = JS_FRAME_BARE.exec(line)
  if (bare?.[1] !== undefined) return { text, name: bare[1], isOwn: false }
  const python = PY_FRAME.exec(line)
  if (python?.[1] !== undefined) {
    const place = `${python[1]}:${python[2]}`
    return { text, place, isOwn: !LIBRARY.test(place), ...(python[3] === undefined ? {} : { name: python[3] }) }
  }
  return { text: line.trimEnd(), isOwn: false }
}

/** A line of source code below a Python frame belongs to it. */
function joinPython(frames: readonly Frame[]): readonly Frame[] {
  return frames.map((frame, index) => {
    const before = frames[index - 1]
    return frame.place === undefined && frame.name === undefined && before?.isOwn && before.text.startsWith('File "')
      ? { ...frame, isOwn: true }
      : frame
  })
}
