// The addresses of the page. Each screen is a chunk of its own, loaded when one points at a link to it; its parameters are
// read by the screen's `search.ts`, which is pure and small and therefore comes with the frame.

import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { prefix } from '../api/index.ts'
import { appSearch } from '../screens/app/search.ts'
import { approvalsSearch } from '../screens/approvals/search.ts'
import { appsSearch } from '../screens/apps/search.ts'
import { bulkSearch } from '../screens/bulk/search.ts'
import { eventSearch } from '../screens/event/search.ts'
import { eventsSearch } from '../screens/events/search.ts'
import { functionSearch } from '../screens/function/search.ts'
import { functionsSearch } from '../screens/functions/search.ts'
import { jobSearch } from '../screens/job/search.ts'
import { jobFormSearch } from '../screens/job-form/search.ts'
import { metricsSearch } from '../screens/metrics/search.ts'
import { overviewSearch } from '../screens/overview/search.ts'
import { requestSearch } from '../screens/request/search.ts'
import { runSearch } from '../screens/run/search.ts'
import { runsSearch } from '../screens/runs/search.ts'
import { schedulesSearch } from '../screens/schedules/search.ts'
import { sessionSearch } from '../screens/session/search.ts'
import { sessionsSearch } from '../screens/sessions/search.ts'
import { parseSearch, stringifySearch } from '../ui/url-state.ts'
import { ScreenError, ScreenMissing, ScreenPending } from './screen-error.tsx'
import { Shell } from './shell.tsx'

const root = createRootRoute({ component: Shell, notFoundComponent: ScreenMissing })
const getParentRoute = () => root

const routes = [
  createRoute({
    getParentRoute,
    path: '/',
    validateSearch: overviewSearch,
    component: lazyRouteComponent(() => import('../screens/overview/screen.tsx'), 'Screen'),
  }),
  createRoute({
    getParentRoute,
    path: '/runs',
    validateSearch: runsSearch,
    component: lazyRouteComponent(() => import('../screens/runs/screen.tsx'), 'Screen'),
  }),
  createRoute({
    getParentRoute,
    path: '/runs/$runId',
    validateSearch: runSearch,
    component: lazyRouteComponent(() => import('../screens/run/screen.tsx'), 'Screen'),
  }),
  createRoute({
    getParentRoute,
    path: '/events',
    validateSearch: eventsSearch,
    component: lazyRouteComponent(() => import('../screens/events/screen.tsx'), 'Screen'),
  }),
  createRoute({
    getParentRoute,
    path: '/events/$eventId',
    validateSearch: eventSearch,
    component: lazyRouteComponent(() => import('../screens/event/screen.tsx'), 'Screen'),
  }),
  createRoute({
    getParentRoute,
    path: '/functions',
    validateSearch: functionsSearch,
    component: lazyRouteComponent(() => import('../screens/functions/screen.tsx'), 'Screen'),
  }),
  createRoute({
    getParentRoute,
    path: '/functions/$appId/$functionId',
    validateSearch: functionSearch,
    component: lazyRouteComponent(() => import('../screens/function/screen.tsx'), 'Screen'),
  }),
  createRoute({
    getParentRoute,
    path: '/schedules',
    validateSearch: schedulesSearch,
    component: lazyRouteComponent(() => import('../screens/schedules/screen.tsx'), 'Screen'),
  }),
  createRoute({
    getParentRoute,
    path: '/jobs/new',
    validateSearch: jobFormSearch,
    component: lazyRouteComponent(() => import('../screens/job-form/screen.tsx'), 'NewScreen'),
  }),
  createRoute({
    getParentRoute,
    path: '/jobs/$jobId',
    validateSearch: jobSearch,
    component: lazyRouteComponent(() => import('../screens/job/screen.tsx'), 'Screen'),
  }),
  createRoute({
    getParentRoute,
    path: '/jobs/$jobId/edit',
    component: lazyRouteComponent(() => import('../screens/job-form/screen.tsx'), 'EditScreen'),
  }),
  createRoute({
    getParentRoute,
    path: '/approvals',
    validateSearch: approvalsSearch,
    component: lazyRouteComponent(() => import('../screens/approvals/screen.tsx'), 'Screen'),
  }),
  createRoute({
    getParentRoute,
    path: '/requests/$requestId',
    validateSearch: requestSearch,
    component: lazyRouteComponent(() => import('../screens/request/screen.tsx'), 'Screen'),
  }),
  createRoute({
    getParentRoute,
    path: '/sessions',
    validateSearch: sessionsSearch,
    component: lazyRouteComponent(() => import('../screens/sessions/screen.tsx'), 'Screen'),
  }),
  createRoute({
    getParentRoute,
    path: '/sessions/$sessionId',
    validateSearch: sessionSearch,
    component: lazyRouteComponent(() => import('../screens/session/screen.tsx'), 'Screen'),
  }),
  createRoute({
    getParentRoute,
    path: '/apps',
    validateSearch: appsSearch,
    component: lazyRouteComponent(() => import('../screens/apps/screen.tsx'), 'Screen'),
  }),
  createRoute({
    getParentRoute,
    path: '/apps/$appId',
    validateSearch: appSearch,
    component: lazyRouteComponent(() => import('../screens/app/screen.tsx'), 'Screen'),
  }),
  createRoute({
    getParentRoute,
    path: '/charts',
    validateSearch: metricsSearch,
    component: lazyRouteComponent(() => import('../screens/metrics/screen.tsx'), 'Screen'),
  }),
  createRoute({
    getParentRoute,
    path: '/bulk',
    validateSearch: bulkSearch,
    component: lazyRouteComponent(() => import('../screens/bulk/screen.tsx'), 'Screen'),
  }),
] as const

export const router = createRouter({
  routeTree: root.addChildren(routes),
  basepath: prefix === '' ? '/' : prefix,
  parseSearch: (text) => parseSearch(text.startsWith('?') ? text.slice(1) : text),
  stringifySearch,
  defaultPreload: 'intent',
  defaultPendingMs: 150,
  defaultPendingMinMs: 0,
  // Lists in the address keep their identity while they say the same, so that views do not read again for nothing.
  defaultStructuralSharing: true,
  defaultErrorComponent: ScreenError,
  defaultNotFoundComponent: ScreenMissing,
  defaultPendingComponent: ScreenPending,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
