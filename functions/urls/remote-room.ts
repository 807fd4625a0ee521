/** Between a Worker and the Durable Object of a file. Errors lose their class on that way, so faults travel as text. */
import { faultText, parseFaultText } from '../takes/room-messages.ts';
import type { OpenFileRoom } from './file-room.ts';
import { fileFacts } from './file-store.ts';

/** An answer, or a fault as `faultText` writes it. */
export type Told<Value> =
  | { readonly value: Value; readonly fault?: undefined }
  | { readonly value?: undefined; readonly fault: string };

/** What the Durable Object answers to. */
export interface FileRoomCalls {
  audio(id: string, order: string, range: string | null): Promise<Told<Response>>;
  /** `FileFacts` as JSON. */
  facts(id: string, order: string): Promise<Told<string>>;
}

export async function told<Value>(work: () => Promise<Value>): Promise<Told<Value>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { fault: faultText(error) };
  }
}

/** A room as the edge sees it, from the Worker's side. */
export function askRoom(room: FileRoomCalls): OpenFileRoom {
  return {
    audio: async (id, order, range) => heard(await room.audio(id, order, range)),
    facts: async (id, order) => fileFacts.parse(JSON.parse(heard(await room.facts(id, order)))),
  };
}

function heard<Value>(answer: Told<Value>): Value {
  if (answer.fault !== undefined) throw parseFaultText(answer.fault);
  return answer.value;
}
