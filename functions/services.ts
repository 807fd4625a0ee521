/** All that the edge is made of; the Worker builds the real ones, tests their own. */
import type { RequestIdVariables } from 'hono/request-id';
import type { FindDecoder } from './backend/fetch-decoder.ts';
import type { FindRecord } from './backend/fetch-record.ts';
import type { AudioEncoders } from './formats/encoders.ts';
import type { CallerVariables } from './guards/identify.ts';
import type { LogVariables, WriteLog } from './guards/request-log.ts';
import type { Access } from './keys/access.ts';
import type { KeyStore } from './keys/key-store.ts';
import type { Signer } from './keys/signer.ts';
import type { RequestStore } from './takes/request-store.ts';
import type { TakeStore } from './takes/take-store.ts';
import type { OpenFileRoom } from './urls/file-room.ts';
import type { FileStore } from './urls/file-store.ts';
import type { SpeechServices } from './speech/begin-speech.ts';
import type { StreamedFiles } from './staged/staged-files.ts';

export interface Services extends SpeechServices {
  /** Where the pages are read from. */
  readonly files: StreamedFiles;
  readonly log: WriteLog;
  readonly encoders: AudioEncoders;
  readonly access: Access;
  readonly findRecord: FindRecord;
  readonly findDecoder: FindDecoder;
  /** Null where nothing is kept. */
  readonly takeRecords: TakeStore | null;
  /** Null where nothing is kept. */
  readonly requests: RequestStore | null;
  /** Lets work go on after the answer. */
  readonly keepAlive: (work: Promise<unknown>) => void;
  /** Null where no URLs are made. */
  readonly urls: UrlServices | null;
  /** Null where no keys are in use. */
  readonly keys: { readonly signer: Signer; readonly store: KeyStore } | null;
  /** Pages that may call from a browser; `*` any. */
  readonly corsOrigins: readonly string[];
}

export interface UrlServices {
  readonly signer: Signer;
  readonly store: FileStore;
  /** Where the file of this order is made. */
  readonly room: (id: string) => OpenFileRoom;
}

/** What routes find in their context. */
export interface AppEnv {
  Variables: RequestIdVariables & LogVariables & CallerVariables;
}
