/** How sessions on the processor behave, by the names of ONNX Runtime's session options. */
import { readFileSync } from 'node:fs';
import { arch } from 'node:process';

export const CPU_SESSION_CONFIG: Readonly<Record<string, string>> = {
  // a step is hundreds of short nodes: to wake a sleeping thread for each costs it a third of its time, while threads
  // that spin for long, as they would by default, starve whatever else the machine does
  'session.intra_op.allow_spinning': '1',
  'session.intra_op.spin_duration_us': '50',
  // weights would lie between activations, and the arena could give nothing back
  'session.use_device_allocator_for_initializers': '1',
  // half as fast, and right where a sum of two products of eight bits would overflow its 16
  'session.x64quantprecision': sumsOverflow() ? '1' : '0',
};

/** On x64 without VNNI; assumed where that can't be told. */
function sumsOverflow(): boolean {
  if (arch !== 'x64') return false;
  try {
    return !/\bavx(?:512)?_vnni\b/.test(readFileSync('/proc/cpuinfo', 'utf8'));
  } catch {
    return true;
  }
}
