import { describe, expect, test } from 'vitest'
import { noCookie, SESSION_MS, Sessions, sessionName } from './sessions.ts'

const KEY = '0123456789abcdef0123456789abcdef'
const OTHER = 'ffffffffffffffffffffffffffffffff'

function sessionsAt(now: { ms: number }, keys: readonly string[] = [KEY]): Sessions {
  return new Sessions(keys, () => now.ms)
}

/** What a browser sends back. */
function sent(setCookie: string): string {
  return setCookie.split(';', 1)[0] ?? ''
}

describe('a session', () => {
  const now = { ms: 1_000_000 }
  const sessions = sessionsAt(now)

  test('is given for a signing key, with or without its prefix, and for nothing else', () => {
    expect(sessions.open(KEY)).toBeDefined()
    expect(sessions.open(`signkey-prod-${KEY}`)).toBeDefined()
    for (const wrong of ['', ' ', OTHER, KEY.slice(1), `${KEY}0`]) expect(sessions.open(wrong)).toBeUndefined()
    expect(new Sessions([], () => 0).open('')).toBeUndefined()
  })

  test('is read from its cookie, at every process and after a restart', () => {
    const session = sessions.open(KEY)
    if (session === undefined) throw new Error('no session')
    const cookie = sent(sessions.cookie(session, false))
    expect(sessionsAt(now).read(`a=b; ${cookie}; c=d`)).toEqual(session)
  })

  test('ends when its signing key is taken out, not when another one is', () => {
    const both = sessionsAt(now, [OTHER, `signkey-prod-${KEY}`])
    const session = both.open(KEY)
    if (session === undefined) throw new Error('no session')
    const cookie = sent(both.cookie(session, false))
    expect(sessionsAt(now, [KEY]).read(cookie)?.id).toBe(session.id)
    expect(sessionsAt(now, [OTHER]).read(cookie)).toBeUndefined()
  })

  test('ends after twelve hours without use, and goes on with use', () => {
    const clock = { ms: 0 }
    const used = sessionsAt(clock)
    let session = used.open(KEY)
    for (let hour = 0; hour < 30; hour++) {
      if (session === undefined) throw new Error(`ended in hour ${hour}`)
      const cookie = sent(used.cookie(session, false))
      clock.ms += 3_600_000
      const read = used.read(cookie)
      session = read && used.renewed(read)
      expect(session?.id).toBe(read?.id)
    }
    if (session === undefined) throw new Error('ended')
    const cookie = sent(used.cookie(session, false))
    clock.ms += SESSION_MS - 1
    expect(used.read(cookie)).toBeDefined()
    clock.ms += 1
    expect(used.read(cookie)).toBeUndefined()
  })

  test('is not renewed by every request', () => {
    const session = sessions.open(KEY)
    expect(session && sessions.renewed(session)).toBeUndefined()
  })

  test('ends when somebody signs out', () => {
    const session = sessions.open(KEY)
    if (session === undefined) throw new Error('no session')
    const cookie = sent(sessions.cookie(session, false))
    sessions.close(session)
    expect(sessions.read(cookie)).toBeUndefined()
  })

  test('cannot be made up, nor changed in any character', () => {
    const session = sessions.open(KEY)
    if (session === undefined) throw new Error('no session')
    const cookie = sent(sessions.cookie(session, false))
    const value = cookie.slice('pawl_session='.length)
    for (let at = 0; at < value.length - 1; at++) {
      const other = value[at] === 'A' ? 'B' : 'A'
      const changed = `pawl_session=${value.slice(0, at)}${other}${value.slice(at + 1)}`
      expect(sessions.read(changed), changed).toBeUndefined()
    }
    for (const cookies of [
      undefined,
      '',
      'pawl_session',
      'pawl_session=',
      'xpawl_session=1',
      `pawl_session=${'a'.repeat(5_000)}`,
    ]) {
      expect(sessions.read(cookies)).toBeUndefined()
    }
  })

  test('is kept where no script and no other site gets at it', () => {
    const session = sessions.open(KEY)
    if (session === undefined) throw new Error('no session')
    expect(sessions.cookie(session, false)).toMatch(/; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/)
    expect(sessions.cookie(session, true)).toMatch(/; SameSite=Strict; Secure$/)
    expect(noCookie(true)).toBe('pawl_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure')
    expect(sessionName(session)).toMatch(/^session [0-9a-f]{8}$/)
  })
})
