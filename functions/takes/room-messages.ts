/** What the room of a sentence says beside its audio: first how it begins, last how it ended. */
import * as z from 'zod/mini';
import { isFaultCode, SpeechFault } from '#shared/errors.ts';
import { speechReport, type SpeechReport } from '#shared/protocol/messages.ts';
import type { Acceptance, Asker, Sentence } from '../backend/synthesizer.ts';

/** What a room is asked for. */
export interface RoomOrder {
  readonly key: string;
  /** The checkpoint that the key was made for. */
  readonly model: string;
  /** Whose sound the key names, as `speakerOf` does. */
  readonly speaker: string;
  readonly sentence: Sentence;
  readonly asker: Asker | undefined;
}

const faultMessage = z.object({
  type: z.literal('fault'),
  code: z.string(),
  message: z.string(),
  param: z.optional(z.string()),
  retryAfterMs: z.optional(z.number()),
  position: z.optional(z.number()),
});

const roomMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('accepted'),
    origin: z.enum(['spoken', 'joined', 'kept']),
    leader: z.optional(z.string()),
    position: z.optional(z.number()),
  }),
  z.object({ type: z.literal('done'), report: speechReport }),
  faultMessage,
]);

type RoomMessage = z.infer<typeof roomMessage>;

export function acceptedText({ origin, leader, position }: Acceptance): string {
  return JSON.stringify({
    type: 'accepted',
    origin,
    ...(leader === undefined ? {} : { leader }),
    ...(position === undefined ? {} : { position }),
  } satisfies RoomMessage);
}

export function doneText(report: SpeechReport): string {
  return JSON.stringify({ type: 'done', report } satisfies RoomMessage);
}

export function faultText(error: unknown): string {
  const { code, message, param, retryAfterMs, position } = SpeechFault.from(error);
  return JSON.stringify({
    type: 'fault',
    code,
    message,
    ...(param === undefined ? {} : { param }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(position === undefined ? {} : { position }),
  } satisfies RoomMessage);
}

/** Throws the fault when it is one. */
export function parseRoomText(text: string): Exclude<RoomMessage, { type: 'fault' }> {
  const message = roomMessage.parse(JSON.parse(text));
  if (message.type === 'fault') throw faultOf(message);
  return message;
}

/** The fault that `faultText` wrote. */
export function parseFaultText(text: string): SpeechFault {
  return faultOf(faultMessage.parse(JSON.parse(text)));
}

function faultOf(message: z.infer<typeof faultMessage>): SpeechFault {
  const { code, param, retryAfterMs, position } = message;
  return new SpeechFault(isFaultCode(code) ? code : 'internal', message.message, {
    ...(param === undefined ? {} : { param }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(position === undefined ? {} : { position }),
  });
}
