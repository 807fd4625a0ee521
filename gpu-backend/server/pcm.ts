/** Waveform to the samples of the wire. */

/** Full scale of a signed 16-bit sample, the same on both sides of zero. */
const FULL_SCALE = 32_767;

/** Float samples as s16le: rounded, what overshoots -1..1 clamped, NaN silent. The bytes are new. */
export function encodePcm(samples: Float32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(samples.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < samples.length; i += 1) {
    const scaled = Math.round((samples[i] ?? 0) * FULL_SCALE);
    // NaN passes min and max; setInt16 writes it as 0
    view.setInt16(i * 2, Math.max(-FULL_SCALE, Math.min(FULL_SCALE, scaled)), true);
  }
  return bytes;
}
