import { expect, test } from 'vitest';
import { serviceUrl } from './service-url.ts';

test.each([
  ['http://127.0.0.1:8787', 'http://127.0.0.1:8787/v1/voices'],
  ['http://127.0.0.1:8787/', 'http://127.0.0.1:8787/v1/voices'],
  ['https://example.com/speech', 'https://example.com/speech/v1/voices'],
  ['https://example.com/speech//?a=b#c', 'https://example.com/speech/v1/voices'],
])('below %s it is %s', (base, expected) => {
  expect(serviceUrl(base, 'v1/voices').href).toBe(expected);
});

test.each(['nonsense', 'localhost:8787', 'ftp://example.com', ''])('%j is no address', (base) => {
  expect(() => serviceUrl(base, 'health')).toThrow('give one such as http://127.0.0.1:8787');
});
