// Every route of the server, in one list.
import type { ServerContext } from '../context.ts'
import type { Route } from '../http/route.ts'
import { accountRoutes } from './account.ts'
import { appRoutes } from './apps.ts'
import { cancellationRoutes } from './cancellations.ts'
import { checkpointRoutes } from './checkpoint.ts'
import { descriptionRoutes } from './description.ts'
import { developmentRoutes } from './development.ts'
import { eventListRoutes } from './event-lists.ts'
import { eventRoutes } from './events.ts'
import { functionRoutes } from './functions.ts'
import { healthRoutes } from './health.ts'
import { invokeRoutes } from './invoke.ts'
import { notBuiltRoutes } from './not-built.ts'
import { pageRoutes } from './page.ts'
import { pauseRoutes } from './pauses.ts'
import { replayRoutes } from './replays.ts'
import { runRoutes } from './runs.ts'
import { runV1Routes } from './runs-v1.ts'
import { signalRoutes } from './signals.ts'
import { stateRoutes } from './state.ts'
import { syncRoutes } from './sync.ts'
import { whyRoutes } from './why.ts'

export function allRoutes(ctx: ServerContext): readonly Route[] {
  const described = [
    ...eventRoutes(ctx),
    ...eventListRoutes(ctx),
    ...runRoutes(ctx),
    ...runV1Routes(ctx),
    ...signalRoutes(ctx),
    ...appRoutes(ctx),
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
  ]
  return [...described, ...descriptionRoutes(ctx, described), ...pageRoutes(ctx), ...notBuiltRoutes()]
}
