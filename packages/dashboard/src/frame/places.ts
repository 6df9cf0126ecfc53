// Where one can go: the entries of the sidebar, the palette and the G keys, once. What does not exist yet is not listed;
// an entry is added here and a route in `router.tsx`.

import {
  Activity,
  AppWindow,
  CalendarClock,
  ChartLine,
  FunctionSquare,
  Gauge,
  Layers,
  type LucideIcon,
  MessagesSquare,
  UserCheck,
  Zap,
} from 'lucide-react'
import { messages } from './messages.ts'

export interface Place {
  readonly to:
    | '/'
    | '/runs'
    | '/events'
    | '/functions'
    | '/schedules'
    | '/approvals'
    | '/sessions'
    | '/apps'
    | '/charts'
    | '/bulk'
  readonly label: string
  readonly icon: LucideIcon
  /** Second key after G. */
  readonly key?: string
  /** Pages that belong to it and stand elsewhere: their first part. */
  readonly also?: string
  /** Shows beside it how many questions wait for a person. */
  readonly hasPending?: true
}

const { places } = messages

/** Groups of the sidebar, in order. */
export const placeGroups: readonly { readonly label: string; readonly places: readonly Place[] }[] = [
  {
    label: messages.groups.workflow,
    places: [
      { to: '/', label: places.overview, icon: Gauge, key: 'o' },
      { to: '/runs', label: places.runs, icon: Activity, key: 'r' },
      { to: '/events', label: places.events, icon: Zap, key: 'e' },
      { to: '/functions', label: places.functions, icon: FunctionSquare, key: 'f' },
      { to: '/schedules', label: places.schedules, icon: CalendarClock, key: 's', also: '/jobs' },
    ],
  },
  {
    label: messages.groups.people,
    places: [
      { to: '/approvals', label: places.approvals, icon: UserCheck, key: 'a', also: '/requests', hasPending: true },
      { to: '/sessions', label: places.sessions, icon: MessagesSquare },
    ],
  },
  {
    label: messages.groups.operate,
    places: [
      { to: '/apps', label: places.apps, icon: AppWindow, key: 'p' },
      { to: '/charts', label: places.metrics, icon: ChartLine, key: 'm' },
      { to: '/bulk', label: places.bulk, icon: Layers, key: 'b' },
    ],
  },
]

export const allPlaces: readonly Place[] = placeGroups.flatMap((group) => group.places)
