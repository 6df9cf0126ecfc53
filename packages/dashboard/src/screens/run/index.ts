// The door of the run screen for other screens: the panel that stands beside a list. The page itself is loaded by the
// router.

export { RunPanel } from './run-panel.tsx'
