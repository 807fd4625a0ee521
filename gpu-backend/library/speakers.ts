/** Who speaks: a model and the processor of its checkpoint. */
import { BarkProcessor } from '../processor/processor.ts';
import { described } from './arguments.ts';
import { BarkError } from './bark-error.ts';
import { BarkModel } from './bark-model.ts';

/** Throws BarkError for what is no model or no processor. */
export function assertSpeakers(model: unknown, processor: unknown): void {
  if (!(model instanceof BarkModel)) {
    throw new BarkError(
      `model must be a BarkModel, as BarkModel.fromPretrained answers it; it is ${described(model)}.`,
      'TypeError',
    );
  }
  if (!(processor instanceof BarkProcessor)) {
    throw new BarkError(
      `processor must be a BarkProcessor, as BarkProcessor.fromPretrained answers it; it is ${described(processor)}.`,
      'TypeError',
    );
  }
}
