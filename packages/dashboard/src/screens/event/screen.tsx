// Stands in until the screen is written.

import { Page } from '../../frame/index.ts'
import { Empty } from '../../ui/index.ts'

export function Screen() {
  return (
    <Page title="Event">
      <Empty title="Event" />
    </Page>
  )
}
