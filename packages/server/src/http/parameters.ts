// Parts of paths and bodies that several routes share, as schemas.
import { isUlid, type Json, type JsonObject } from '@pawl/protocol'
import { z } from 'zod'

/** A ULID in a path; in upper case from here on. */
export const ulidParameter = z
  .string()
  .toUpperCase()
  .refine(isUlid, 'must be a ULID: 26 characters')
  .meta({ pattern: '^[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}$' })

/** An HTTP URL in a body or query. */
export const urlField = z.string().max(4_096).refine(isHttpUrl, 'must be an http or https URL').meta({ format: 'uri' })

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}

/** A JSON object that is passed on as it is. Not copied member by member: its keys are the sender's data. */
export const jsonObject = z
  .custom<JsonObject>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'must be an object',
  )
  .meta({ type: 'object' })

/** Any JSON value. */
export const jsonValue = z.custom<Json>((value) => value !== undefined, 'is required').meta({})
