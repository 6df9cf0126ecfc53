/**
 * The extraction of functions from documents, on a document made for it: code between sentences, spaces around
 * punctuation, brackets in strings and comments.
 */
import { describe, expect, it } from 'vitest'
import { dataNames, environmentNames, extractFunctions, parts, stepIds, withLeftOut } from './extract.ts'

const DOCUMENT = `A sentence (with a bracket) about inngest.createFunction() and (more.
export const one = inngest . createFunction (
{ id : "one" , onFailure : async ({ event }) => {
const { a } = event . data . event . data ; // not ) a bracket
} },
{ event : "x/one" },
async ({ event , step }) => {
const { b , c } = event . data ;
await step . run ( "first" , async () => {
return "}" + process . env . SOME_KEY + event . data . d ;
});
await step . sleep ( "pause" , "3s" );
}
);
Another sentence.
inngest.createFunction({ id: 'two' }, { event: 'x/two' }, async ({ event }) => {
  return event.data.n
})`

describe('functions in a document', () => {
  const [one, two, ...more] = extractFunctions('made.txt', DOCUMENT)

  it('are found whole and in order', () => {
    expect(more).toEqual([])
    expect(one?.where).toBe('made.txt #1')
    expect(one?.source).toMatch(/^inngest \. createFunction \([\s\S]*\}\n\)$/)
    expect(two?.source).toMatch(/^inngest\.createFunction\([\s\S]*n\n\}\)$/)
  })

  it('say which data, steps and settings they use', () => {
    expect(dataNames(one?.source ?? '')).toEqual(['a', 'b', 'c', 'd'])
    expect(dataNames(two?.source ?? '')).toEqual(['n'])
    expect(environmentNames(one?.source ?? '')).toEqual(['SOME_KEY'])
    expect(stepIds(one?.source ?? '')).toEqual(['first', 'pause'])
  })

  it('have options and a body', () => {
    const { options, body } = parts(one?.source ?? '')
    expect(dataNames(options)).toEqual(['a'])
    expect(dataNames(body)).toEqual(['b', 'c', 'd'])
  })

  it('get what their body leaves out, if it returns nothing of its own', () => {
    expect(withLeftOut(one?.source ?? '')).toMatch(/\nreturn await leftOut\(\{ event, step \}\)\n\}\n\)$/)
    expect(withLeftOut(two?.source ?? '')).toBe(two?.source)
  })
})
