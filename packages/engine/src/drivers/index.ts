// The door to the network: how apps are called, how a step's own request is made, and which addresses are never called.
export { createHttpDriver } from './http-driver.ts'
export { createHttpGateway } from './http-gateway.ts'
export {
  type AllowedPlaces,
  BlockedAddressError,
  guardedLookup,
  type OutboundPolicy,
  type Resolve,
  readAllowed,
  refusedUrl,
} from './outbound-policy.ts'
