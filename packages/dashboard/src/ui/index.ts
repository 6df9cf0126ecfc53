// The door of the kit. Screens import from here; the heavy parts behind it (editor) come in their own chunks when they
// are first shown.

export { Announcer, announce } from './announce.tsx'
export { Button, buttonClass, IconButton } from './button.tsx'
export { cx } from './class-names.ts'
export { serverNow, setServerTime, useNow, useNowEvery, useZone, zonePreference } from './clock.ts'
export { Confirm } from './confirm.tsx'
export { CodeBlock, CopyButton, copyText, Id } from './copy.tsx'
export { type Column, DataTable } from './data-table.tsx'
export { Dialog, Modal } from './dialog.tsx'
export {
  Checkbox,
  Field,
  RadioGroup,
  Segmented,
  Select,
  Switch,
  TextArea,
  TextInput,
} from './field.tsx'
export { type Chip, FilterBar, FilterChips, RangePicker, rangeText, SearchField } from './filter-bar.tsx'
export * from './format.ts'
export { FreshBar } from './fresh-bar.tsx'
export { StatusIcon } from './icons.tsx'
export { faultOf, JsonEditor } from './json-editor.tsx'
export { download, JsonView } from './json-view.tsx'
export { Kbd } from './kbd.tsx'
export { type Fact, Facts, Panel, Tabs } from './layout.tsx'
export { Menu, type MenuItem } from './menu.tsx'
export { MultiSelect, type Option } from './multi-select.tsx'
export { PayloadView } from './payload-view.tsx'
export { Popover } from './popover.tsx'
export { oneOf, preference, usePreference, yesNo } from './preference.ts'
export { Sparkline, Strip, type StripCell } from './spark.tsx'
export { SplitPane } from './split-pane.tsx'
export { Empty, ErrorView, Loaded, Notice, RefreshBar, Skeleton, SkeletonRows, useIsSlow } from './states.tsx'
export { Status, statusClass } from './status.tsx'
export { STATUS_KINDS, type StatusKind, statusOf, statusOfRun } from './status-kinds.ts'
export type { ColumnChoice } from './table-columns.ts'
export { ColumnMenu, type Sort, useColumnChoice } from './table-head.tsx'
export { type TimeRange, windowOf } from './time-range.ts'
export { Toasts, toast } from './toasts.tsx'
export { Tooltip, TooltipProvider } from './tooltip.tsx'
export * from './url-state.ts'
export { type Command, keys, lettersPreference, useCommands } from './use-keys.ts'
export { Bytes, Duration, Elapsed, Num, Percent, Time } from './values.tsx'
