// The catalogue of what stops a command, and of what can be wrong with an app. The code is the identity; docs/errors.md
// is generated from here. A message says what happened and what to do.

/** Reasons for which a command ends with exit code 1 (or the one given). */
export const CLI_ERRORS = {
  config_invalid: {
    exit: 1,
    says: 'A flag, an environment variable or a key of the configuration file cannot be used.',
  },
  config_incomplete: { exit: 1, says: 'Production needs something that was not given, such as a key.' },
  config_unreadable: { exit: 1, says: 'The configuration file cannot be read.' },
  port_taken: { exit: 1, says: 'Another program listens on the port.' },
  address_unusable: { exit: 1, says: 'The server cannot listen on the address.' },
  argument_invalid: { exit: 1, says: 'An argument or flag of a command that asks a server cannot be used.' },
  request_refused: { exit: 1, says: 'The server refused what it was asked; the message has its code.' },
  server_unreachable: { exit: 69, says: 'No server answers at the URL, or something else than Pawl does.' },
  key_refused: { exit: 77, says: 'The server wants a signing key, or another one.' },
  state_in_use: { exit: 1, says: 'Another server has the state folder open.' },
  state_unusable: { exit: 78, says: 'The state folder cannot be opened.' },
  database_unusable: { exit: 78, says: 'The PostgreSQL database cannot be used, or not be reached.' },
} as const satisfies Record<string, { exit: number; says: string }>

export type CliErrorCode = keyof typeof CLI_ERRORS

/** Ends the command; its message is what the user reads. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly code: CliErrorCode

  constructor(code: CliErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.code = code
  }

  get exitCode(): number {
    return CLI_ERRORS[this.code].exit
  }
}

/** Why an app cannot be synced. The codes are those that other tools of the protocol show. */
export const APP_ERRORS = {
  unreachable: { says: 'Nothing answers at the URL.' },
  unsupported_protocol: { says: 'The URL is neither http nor https.' },
  unauthorized: {
    says: 'The app refuses the request (401): it runs in cloud mode, or its signing key is another one.',
  },
  forbidden: { says: 'Something in front of the app refuses the request (403).' },
  url_not_found: { says: 'The server answers, but no functions are served under this path.' },
  internal_server_error: { says: 'The app failed while it was asked for its functions.' },
  invalid_signing_key: { says: 'The signing keys of app and server differ.' },
  missing_signing_key: { says: 'The app runs in cloud mode and has no signing key.' },
  missing_server_signing_key: { says: 'The app expects signed requests, and the server has no signing key.' },
  no_functions: { says: 'The app serves no functions.' },
  invalid_function: { says: 'A function cannot be used as it is configured.' },
  registered_elsewhere: { says: 'The app registered itself, but with another server.' },
} as const satisfies Record<string, { says: string }>

export type AppErrorCode = keyof typeof APP_ERRORS
