// The door of the event screen for other screens: the panel beside a list, and events as code.

export { eventCode, LANGUAGES, type Language } from './event-code.ts'
export { EventPanel } from './event-panel.tsx'
