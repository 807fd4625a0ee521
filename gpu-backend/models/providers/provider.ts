/** What computes graphs: an execution provider of ONNX Runtime, and what it is able to do. */
import type { OnnxModel } from '../../graph/onnx-model.ts';
import type { AttentionKind, Device, Precision } from '../options.ts';
import type { KeepingSession, Session } from '../session.ts';

/** What a device does, in its own words; whoever opens models chooses by this and by nothing else. */
export interface Abilities {
  /** Number formats it computes right and at a reasonable speed. */
  readonly precisions: readonly Precision[];
  /** Graphs it computes right, the fastest first. */
  readonly attentions: readonly AttentionKind[];
  /** The C API can hand it memory of ours, so that caches are written in place. */
  readonly hasHostCaches: boolean;
}

export interface Provider {
  readonly device: Device;
  readonly abilities: Abilities;
  /** Of the ONNX Runtime that computes, for example `1.30.0`. */
  version(): Promise<string>;
  /** Opens a graph on the device; `threads` of the processor serve one run. */
  open(graph: OnnxModel, options: { readonly threads: number }): Promise<Session>;
  /** The same, for a graph whose outputs `kept` stay in the device's memory; null where there is none of its own. */
  readonly openKeeping:
    | null
    | ((
        graph: OnnxModel,
        options: { readonly threads: number; readonly kept: readonly string[] },
      ) => Promise<KeepingSession>);
}

/** Why a device can't be used here; the message names what would help. */
export class DeviceUnavailable extends Error {
  override readonly name = 'DeviceUnavailable';

  constructor(device: Device, reason: string, remedy: string, cause?: unknown) {
    super(`The device ${device} can't be used: ${reason}. ${remedy}, or choose the device cpu.`, {
      cause,
    });
  }
}
