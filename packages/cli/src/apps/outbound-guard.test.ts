import { expect, test } from 'vitest'
import { checkHost, isRefusedAddress } from './outbound-guard.ts'

test.each([
  '169.254.169.254',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  '100.100.100.200',
  'fe80::1',
  'fd00:ec2::254',
])('%s is refused', (address) => {
  expect(isRefusedAddress(address)).toBe(true)
})

test.each(['127.0.0.1', '::1', '10.0.0.1', '192.168.1.1', '8.8.8.8', 'localhost'])('%s is allowed', (address) => {
  expect(isRefusedAddress(address)).toBe(false)
})

test.each([
  'http://169.254.169.254/latest',
  'http://0xA9FEA9FE/',
  'http://2852039166/',
  'http://[::ffff:169.254.169.254]/',
])('%s is refused however it is written', (url) => {
  expect(() => checkHost(new URL(url))).toThrow('not called')
})
