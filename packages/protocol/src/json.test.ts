import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JsonError } from './errors.ts'
import {
  canonicalText,
  decodeUtf8,
  parseJson,
  SMALL_TEXT_MAX,
  scanJson,
  sliceArray,
  sliceObject,
  sliceObjects,
} from './json.ts'
import { parseEscaped } from './json-escaped.ts'
import type { Json } from './json-value.ts'
import { writeCanonical } from './json-write.ts'

/** Pads a text with spaces, so that it takes the way of large texts. */
function large(text: string): string {
  return text + ' '.repeat(SMALL_TEXT_MAX)
}

function codeOf(run: () => unknown): { code: string; offset: number } | null {
  try {
    run()
    return null
  } catch (error) {
    if (error instanceof JsonError) return { code: error.code, offset: error.offset }
    throw error
  }
}

const words = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    '10',
    '9',
    'é',
    '\ue000',
    '\u{1f600}',
    '\u0000',
    '"',
    '\\',
    '/',
    '\u2028',
  ),
)
/** Values as any app may send them; strings well formed, since the oracle refuses others. Not by JSON.parse: see json-escaped.ts. */
const { value: values } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<Json>(null, true, false, 0, -1.5),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
    fc.integer(),
    words,
    fc.array(tie('value')),
    fc.dictionary(words, tie('value')),
  ),
}))

describe('writeCanonical', () => {
  it('writes what the reference library writes', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(writeCanonical(value)).toBe(canonicalize(value))
      }),
    )
  })

  it.each([
    ['sorts by UTF-16 code units', '{"\\ue000":1,"\\ud83d\\ude00":2,"b":3,"a":4}', '{"a":4,"b":3,"😀":2,"\ue000":1}'],
    ['sorts numeric keys as text', '{"9":1,"10":2,"a":0}', '{"10":2,"9":1,"a":0}'],
    ['keeps __proto__ as data', '{"b":1,"__proto__":{"x":1},"a":2}', '{"__proto__":{"x":1},"a":2,"b":1}'],
    [
      'prints numbers as ECMAScript does',
      '[1.50,1e2,-0,1e21,1e-7,9007199254740993]',
      '[1.5,100,0,1e+21,1e-7,9007199254740992]',
    ],
    ['escapes only what must be', '"\\u0001\\/\\u00e9\\u000a\\u007f"', '"\\u0001/é\\n\u007f"'],
    [
      'sorts many keys',
      `{${Array.from({ length: 40 }, (_, index) => `"k${39 - index}":0`).join(',')}}`,
      `{${Array.from({ length: 40 }, (_, index) => `"k${index}"`)
        .sort()
        .map((key) => `${key}:0`)
        .join(',')}}`,
    ],
  ])('%s', (_name, text, expected) => {
    expect(canonicalText(text)).toBe(expected)
    expect(canonicalText(large(text))).toBe(expected)
  })

  it('keeps lone surrogates as escapes', () => {
    for (const text of ['{"b":1,"a":"\\ud800x"}', '{"a":"\\udc00"}', '["\\ud83dx"]']) {
      expect(canonicalText(text)).toContain(text.match(/\\u[0-9a-f]{4}/)?.[0])
      expect(canonicalText(large(text))).toBe(canonicalText(text))
    }
    expect(scanJson('["\ud800"]').canonical).toBe(false)
    expect(sliceArray('["\ud800"]')).toEqual(['"\\ud800"'])
  })

  it('leaves undefined members out, refuses what is not finite and what is too deep', () => {
    expect(writeCanonical({ b: 1, a: undefined } as unknown as Json)).toBe('{"b":1}')
    expect(codeOf(() => writeCanonical([1, Number.NaN]))?.code).toBe('invalid_json')
    expect(codeOf(() => writeCanonical({ b: { y: Infinity }, a: 1 }))?.code).toBe('invalid_json')
    const cycle: Json[] = []
    cycle.push(cycle)
    expect(codeOf(() => writeCanonical(cycle))?.code).toBe('json_too_deep')
  })
})

describe('canonicalText', () => {
  it('gives the text itself when it is canonical', () => {
    fc.assert(
      fc.property(values, (value) => {
        const text = writeCanonical(value)
        expect(canonicalText(text)).toBe(text)
      }),
    )
  })

  it('is the same by both ways, with spaces or without', () => {
    fc.assert(
      fc.property(values, fc.nat(3), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        expect(canonicalText(large(text))).toBe(writeCanonical(value))
        expect(canonicalText(text)).toBe(writeCanonical(value))
      }),
    )
  })
})

describe('scanJson', () => {
  it('accepts and refuses what JSON.parse does', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"',
      '\\',
      'u0041',
      '"a"',
      '1',
      '-',
      '0',
      '.',
      'e',
      '+',
      'true',
      'null',
      ' ',
      '\n',
      '\t',
      'x',
      '\u0000',
      'é',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join('')
        expect(codeOf(() => scanJson(text)) === null).toBe(parses(text))
        expect(codeOf(() => parseJson(text)) === null).toBe(parses(text))
      }),
      { numRuns: 3000 },
    )
  })

  it('accepts every text with one character changed only if JSON.parse does', () => {
    fc.assert(
      fc.property(values, fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), (value, place, character) => {
        const text = JSON.stringify(value)
        const at = place % text.length
        const changed = text.slice(0, at) + character + text.slice(at + 1)
        const secondProto = changed.split('__proto__').length > 2
        fc.pre(!secondProto)
        expect(codeOf(() => scanJson(changed)) === null).toBe(parses(changed))
      }),
      { numRuns: 1000 },
    )
  })

  it('never calls a text canonical that is not', () => {
    fc.assert(
      fc.property(values, fc.boolean(), (value, sorted) => {
        const text = sorted ? writeCanonical(value) : JSON.stringify(value)
        if (scanJson(text).canonical) expect(writeCanonical(JSON.parse(text))).toBe(text)
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    '{"a":1,"b":[true,false,null,"x"],"c":{"d":-1.5}}',
    '[0,-1,123456789012345,0.5,0.000001,"\\n\\u0001\\u001f\\"\\\\é😀"]',
    '{}',
    '"\u007f\u2028"',
  ])('knows that %s is canonical', (text) => {
    expect(scanJson(text).canonical).toBe(true)
  })

  it.each([
    '{"b":1,"a":2}',
    '{"a":1,"a":1}',
    '{"aa":1,"a":2}',
    '[1, 2]',
    '[-0]',
    '[1.0]',
    '[1E2]',
    '[0.0000001]',
    '[1234567890123456]',
    '["\\/"]',
    '["\\u0041"]',
    '["\\u000a"]',
    '["\\u001F"]',
    '["\\ud83d\\ude00"]',
  ])('knows that %s is not canonical', (text) => {
    expect(scanJson(text).canonical).toBe(false)
  })

  it('counts keys and depth', () => {
    expect(scanJson('{"a":[{"b":1,"c":[]}],"d":2}')).toEqual({ canonical: true, escapedKeys: false, keys: 4, depth: 4 })
    expect(scanJson('1')).toEqual({ canonical: true, escapedKeys: false, keys: 0, depth: 0 })
  })
})

describe('limits and bad input', () => {
  const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)
  const wide = (keys: number): string => `{${Array.from({ length: keys }, (_, index) => `"k${index}":0`).join(',')}}`

  it.each([
    ['64 levels', deep(64), null],
    ['65 levels', deep(65), 'json_too_deep'],
    ['65 levels of objects', `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`, 'json_too_deep'],
    ['100,000 keys', wide(100_000), null],
    ['100,001 keys', wide(100_001), 'json_too_large'],
    ['a number that is no double', '[1e400]', 'invalid_json'],
    ['a long number that is no double', `[${'9'.repeat(400)}]`, 'invalid_json'],
    ['a long number that is one', `[${'9'.repeat(300)}]`, null],
    ['NaN', '[NaN]', 'invalid_json'],
    ['bytes behind the value', '{} x', 'invalid_json'],
    ['a second __proto__', '{"__proto__":1,"__proto__":2}', 'invalid_json'],
    ['a second __proto__ in disguise', '{"__proto__":1,"\\u005f_proto__":2}', 'invalid_json'],
    ['a second __proto__ in another object', '{"__proto__":1,"a":{"__proto__":2}}', null],
    ['other keys twice', '{"a":1,"a":2}', null],
  ])('%s', (_name, text, code) => {
    const small = codeOf(() => parseJson(text))
    expect(small?.code ?? null).toBe(code)
    expect(codeOf(() => parseJson(large(text)))).toEqual(small)
    expect(codeOf(() => canonicalText(text))).toEqual(small)
    expect(codeOf(() => canonicalText(large(text)))).toEqual(small)
  })

  it('refuses nothing at all', () => {
    expect(codeOf(() => parseJson(''))).toEqual({ code: 'invalid_json', offset: 0 })
    expect(codeOf(() => parseJson(large('')))?.code).toBe('invalid_json')
  })

  it.each([
    ['{"a":1,}', 7],
    ['{"é":x}', 6],
    ['[1,2', 4],
    ['"a\nb"', 2],
    ['[01]', 1],
  ])('says at which byte %s is broken', (text, offset) => {
    expect(codeOf(() => parseJson(text))).toEqual({ code: 'invalid_json', offset })
    expect(codeOf(() => parseJson(text))).toEqual(codeOf(() => scanJson(text)))
  })
})

describe('decodeUtf8', () => {
  it('decodes what was encoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(!text.startsWith('\ufeff'))
        expect(decodeUtf8(new TextEncoder().encode(text))).toBe(text)
      }),
    )
  })

  it.each([
    ['a lone continuation byte', [0x61, 0x80], 'invalid_utf8', 1],
    ['an overlong form', [0xc0, 0xaf], 'invalid_utf8', 0],
    ['an encoded surrogate', [0x61, 0x62, 0xed, 0xa0, 0x80], 'invalid_utf8', 2],
    ['a sequence that is cut off', [0xc3, 0xa9, 0xe2, 0x82], 'invalid_utf8', 2],
    ['a bad byte behind 10,000 good ones', [...Array<number>(10_000).fill(0x61), 0xff], 'invalid_utf8', 10_000],
    ['a byte order mark', [0xef, 0xbb, 0xbf, 0x7b, 0x7d], 'invalid_json', 0],
  ])('refuses %s', (_name, bytes, code, offset) => {
    expect(codeOf(() => decodeUtf8(Uint8Array.from(bytes)))).toEqual({ code, offset })
  })
})

describe('escaped keys', () => {
  it('are read right whatever was read before', () => {
    for (const text of ['{"\\\\":0}', '{"\\"":0}', '{"\\u0000":0}', '{"!":1,"\\\\":0}', '{"!":1,"\\"":0}']) {
      expect(canonicalText(text)).toBe(text)
      expect(canonicalText(large(text))).toBe(text)
      expect(writeCanonical(parseJson(text))).toBe(text)
    }
  })

  it('are read as the parser reads them', () => {
    fc.assert(
      fc.property(values, fc.nat(2), (value, indent) => {
        expect(writeCanonical(parseEscaped(JSON.stringify(value, null, indent)))).toBe(writeCanonical(value))
      }),
    )
  })
})

describe('slices', () => {
  it('hold every element as it stands', () => {
    fc.assert(
      fc.property(fc.array(values), fc.nat(2), (items, indent) => {
        const slices = sliceArray(JSON.stringify(items, null, indent))
        expect(slices.map(parseJson).map((value) => writeCanonical(value))).toEqual(
          items.map((item) => writeCanonical(item)),
        )
        if (indent === 0) expect(`[${slices.join(',')}]`).toBe(JSON.stringify(items))
      }),
    )
  })

  it('hold every member by its decoded key', () => {
    const members = sliceObject('{ "a" : 1.0 , "\\u0062":{"x": [1]}, "é":"ü","a":[2] }')
    expect([...members]).toEqual([
      ['a', '[2]'],
      ['b', '{"x": [1]}'],
      ['é', '"ü"'],
    ])
    expect(sliceObject('{"a":1,"b":2}', new Set(['b'])).get('a')).toBeUndefined()
    expect(sliceObject('{}').size).toBe(0)
  })

  it('tell of each member of each object whether it is canonical', () => {
    const rows = sliceObjects('[{"data":{"b":1,"a":2},"op":"x"},{"z":[1,2],"a":"y"},{}]')
    expect(rows?.map((row) => row.map((part) => [part.key, part.canonical]))).toEqual([
      [
        ['data', false],
        ['op', true],
      ],
      [
        ['z', true],
        ['a', true],
      ],
      [],
    ])
    expect(sliceObjects('{"a":1}')).toHaveLength(1)
    expect(sliceObjects('[]')).toEqual([])
    expect(sliceObjects('[1]')).toBeNull()
    expect(sliceObjects('"x"')).toBeNull()
  })

  it('refuse another kind of value', () => {
    expect(codeOf(() => sliceArray(' {}'))).toEqual({ code: 'invalid_json', offset: 1 })
    expect(codeOf(() => sliceObject('[]'))?.code).toBe('invalid_json')
    expect(codeOf(() => sliceObject('1'))?.code).toBe('invalid_json')
    expect(codeOf(() => sliceArray('[1,]'))).toEqual({ code: 'invalid_json', offset: 3 })
  })
})

/** The parser takes numbers that no double holds for infinite. */
function parses(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text, (_key, item) => {
      if (item === Infinity || item === -Infinity) throw new Error('out of range')
      return item
    })
    return value !== undefined
  } catch {
    return false
  }
}
