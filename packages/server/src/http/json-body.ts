// Reads JSON bodies of routes that are not hot: what counts as JSON by its content type, then the strict reader of the
// protocol with its limits. Keys such as `__proto__` are data.
import { decodeUtf8, type Json, parseJson } from '@pawl/protocol'
import type { FastifyRequest } from 'fastify'
import { HttpError } from './http-errors.ts'

const JSON_TYPE = /^\s*[\w.-]+\/(?:[\w.-]+\+)?json\s*(?:;|$)/i

/** @throws HttpError `unsupported_media_type`; JsonError. */
export function readJsonBody(request: FastifyRequest, bytes: Uint8Array): Json {
  const type = request.headers['content-type']
  // A missing type counts as JSON; no page can send a body without one.
  if (type !== undefined && !JSON_TYPE.test(type)) {
    throw new HttpError('unsupported_media_type', 'The body must be JSON (content-type: application/json)')
  }
  return parseJson(decodeUtf8(bytes))
}
