/** An order as it is kept behind a URL. */
import * as z from 'zod/mini';
import { toHex } from '#shared/bark/voice.ts';
import { canonicalJson } from '../takes/canonical-json.ts';
import type { FileOrder } from './speak-file.ts';

const ORDER_VERSION = 1;

const kept = z.object({ version: z.literal(ORDER_VERSION), file: z.custom<FileOrder>() });

/** What a request asks for, without who asks. */
export function writeOrder({ order, audio }: FileOrder): string {
  const { text, voice, options, latency, normalization, manner, seed } = order;
  return canonicalJson({
    version: ORDER_VERSION,
    file: { order: { text, voice, options, latency, normalization, manner, seed }, audio },
  });
}

/** Only what `writeOrder` wrote comes here. */
export function readOrder(text: string): FileOrder {
  return kept.parse(JSON.parse(text)).file;
}

/** 32 hexadecimal digits: the same order has the same id. */
export async function orderId(order: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(order));
  return toHex(new Uint8Array(digest)).slice(0, 32);
}
