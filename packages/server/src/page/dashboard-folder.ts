// Where the built dashboard is: beside the bundle in the published package, in the dashboard's own folder when the server
// runs from source.
import { fileURLToPath } from 'node:url'

const FROM_SOURCE = '../../../dashboard/dist/'
const FROM_BUNDLE = './dashboard/'

/** The folder, whether there is anything in it or not. */
export function dashboardFolder(): string {
  return fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? FROM_SOURCE : FROM_BUNDLE, import.meta.url))
}
