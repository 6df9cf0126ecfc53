// The app's client. It takes the server from INNGEST_DEV, as every app does; nothing in here knows that it is Pawl.
import { Inngest } from 'inngest'

export const inngest = new Inngest({ id: 'hello' })
