// Every route of the server, in one list.
import type { ServerContext } from '../context.ts'
import type { Route } from '../http/route.ts'
import { accountRoutes } from './account.ts'
import { appTestRoutes } from './app-tests.ts'
import { appRoutes } from './apps.ts'
import { bulkRoutes } from './bulk.ts'
import { cancellationRoutes } from './cancellations.ts'
import { checkpointRoutes } from './checkpoint.ts'
import { descriptionRoutes } from './description.ts'
import { developmentRoutes } from './development.ts'
import { eventListRoutes } from './event-lists.ts'
import { eventNameRoutes } from './event-names.ts'
import { eventRoutes } from './events.ts'
import { exportRoutes } from './export.ts'
import { functionDetailRoutes } from './function-details.ts'
import { functionRoutes } from './functions.ts'
import { healthRoutes } from './health.ts'
import { infoRoutes } from './info.ts'
import { invokeRoutes } from './invoke.ts'
import { jobRunRoutes } from './job-runs.ts'
import { jobRoutes } from './jobs.ts'
import { metricsRoutes } from './metrics.ts'
import { notBuiltRoutes } from './not-built.ts'
import { overviewRoutes } from './overview.ts'
import { pageRoutes } from './page.ts'
import { pauseRoutes } from './pauses.ts'
import { payloadRoutes } from './payloads.ts'
import { replayRoutes } from './replays.ts'
import { requestRoutes } from './requests.ts'
import { runRoutes } from './runs.ts'
import { runV1Routes } from './runs-v1.ts'
import { scheduleRoutes } from './schedules.ts'
import { searchRoutes } from './search.ts'
import { secretRoutes } from './secrets.ts'
import { sessionRoutes } from './sessions.ts'
import { signInRoutes } from './sign-in.ts'
import { signalRoutes } from './signals.ts'
import { stateRoutes } from './state.ts'
import { streamRoutes } from './stream.ts'
import { syncRoutes } from './sync.ts'
import { whyRoutes } from './why.ts'

export function allRoutes(ctx: ServerContext): readonly Route[] {
  const described = [
    ...eventRoutes(ctx),
    ...searchRoutes(ctx),
    ...exportRoutes(ctx),
    ...eventListRoutes(ctx),
    ...runRoutes(ctx),
    ...runV1Routes(ctx),
    ...signalRoutes(ctx),
    ...appRoutes(ctx),
    ...appTestRoutes(ctx),
    ...functionRoutes(ctx),
    ...invokeRoutes(ctx),
    ...pauseRoutes(ctx),
    ...replayRoutes(ctx),
    ...cancellationRoutes(ctx),
    ...whyRoutes(ctx),
    ...syncRoutes(ctx),
    ...developmentRoutes(ctx),
    ...stateRoutes(ctx),
    ...checkpointRoutes(ctx),
    ...healthRoutes(ctx),
    ...accountRoutes(ctx),
    ...eventNameRoutes(ctx),
    ...functionDetailRoutes(ctx),
    ...scheduleRoutes(ctx),
    ...jobRoutes(ctx),
    ...jobRunRoutes(ctx),
    ...secretRoutes(ctx),
    ...sessionRoutes(ctx),
    ...requestRoutes(ctx),
    ...bulkRoutes(ctx),
    ...metricsRoutes(ctx),
    ...overviewRoutes(ctx),
    ...infoRoutes(ctx),
    ...signInRoutes(ctx),
    ...streamRoutes(ctx),
    ...payloadRoutes(ctx),
  ]
  return [...described, ...descriptionRoutes(ctx, described), ...pageRoutes(ctx), ...notBuiltRoutes()]
}
