/**
 * What the server's thread and the inference thread say to each other. The server pulls: after
 * `speak` each `next` is answered by one audio, codes, done or fault; progress comes unasked.
 */
import type { FaultCode } from '#shared/errors.ts';
import type { SpeechReport, StageName } from '#shared/protocol/messages.ts';
import type { Device, Precision } from '../models/options.ts';
import type { SpeechRequest, SynthesizerInfo } from '../pipeline/synthesizer.ts';

/** Given to the thread when it starts. */
export interface ThreadData {
  /** Folder of the checkpoint. */
  readonly folder: string;
  /** What the checkpoint is called. */
  readonly model: string;
  /** Threads of one forward. */
  readonly threads: number;
  readonly precision: Precision | 'auto';
  readonly device: Device;
  /** Most sequences that one run advances. */
  readonly rows: number;
  /** Hold only the stage at work. */
  readonly offload: boolean;
}

export type ToThread =
  | { readonly type: 'speak'; readonly id: number; readonly request: SpeechRequest }
  | { readonly type: 'next'; readonly id: number }
  | { readonly type: 'cancel'; readonly id: number };

export type FromThread =
  | { readonly type: 'ready'; readonly info: SynthesizerInfo }
  | { readonly type: 'load-failed'; readonly message: string }
  /** Something works, but not in the best way; holds no spoken text. */
  | { readonly type: 'warning'; readonly message: string }
  | {
      readonly type: 'progress';
      readonly id: number;
      readonly stage: StageName;
      readonly step: number;
    }
  | { readonly type: 'audio'; readonly id: number; readonly samples: Float32Array<ArrayBuffer> }
  | { readonly type: 'codes'; readonly id: number; readonly codes: Int32Array<ArrayBuffer> }
  | { readonly type: 'done'; readonly id: number; readonly report: SpeechReport }
  | {
      readonly type: 'fault';
      readonly id: number;
      readonly code: FaultCode;
      readonly message: string;
      readonly cause: string;
    };
