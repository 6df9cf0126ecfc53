// Names of the HTTP headers of the SDK contract, in lower case as Node gives them (SDK spec, "headers").

/** Header names, by what they mean. */
export const HEADERS = {
  sdk: 'x-inngest-sdk',
  sdkHandled: 'x-inngest-sdk-handled',
  requestVersion: 'x-inngest-req-version',
  noRetry: 'x-inngest-no-retry',
  retryAfter: 'retry-after',
  framework: 'x-inngest-framework',
  platform: 'x-inngest-platform',
  env: 'x-inngest-env',
  serverKind: 'x-inngest-server-kind',
  expectedServerKind: 'x-inngest-expected-server-kind',
  syncKind: 'x-inngest-sync-kind',
  signature: 'x-inngest-signature',
  eventIdSeed: 'x-inngest-event-id-seed',
  runId: 'x-run-id',
  requestId: 'x-request-id',
  jobId: 'x-inngest-job-id',
  generationId: 'x-inngest-generation-id',
  stepId: 'x-inngest-step-id',
  forceStepPlan: 'x-inngest-force-step-plan',
  authorization: 'authorization',
  contentType: 'content-type',
  userAgent: 'user-agent',
  traceparent: 'traceparent',
  tracestate: 'tracestate',
} as const
