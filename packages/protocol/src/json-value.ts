/** A JSON value. Read objects with `Object.hasOwn`: keys such as `__proto__` and `constructor` are data. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json
}
