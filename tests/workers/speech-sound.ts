/** A sound like a voice, for encoders: harmonics of a gliding pitch, syllables, a breath of noise; the same each time. */

export interface SpeechSound {
  readonly sampleRate: number;
  readonly seconds: number;
  /** Of the lowest voice, in Hz; it glides by a tenth. */
  readonly pitch?: number;
}

export function speechSound({ sampleRate, seconds, pitch = 120 }: SpeechSound): Int16Array {
  let phase = 0;
  let noise = 1;
  return Int16Array.from({ length: Math.round(seconds * sampleRate) }, (_, i) => {
    const t = i / sampleRate;
    phase += (2 * Math.PI * pitch * (1 + 0.1 * Math.sin(2 * Math.PI * 0.7 * t))) / sampleRate;
    let voice = 0;
    for (let harmonic = 1; harmonic <= 12; harmonic += 1) {
      voice += Math.sin(harmonic * phase + harmonic) / harmonic;
    }
    // Lehmer's generator
    noise = (noise * 48_271) % 2_147_483_647;
    const syllables = Math.max(0, Math.sin(2 * Math.PI * 3 * t));
    return Math.round(6_000 * syllables * voice + 200 * (noise / 1_073_741_824 - 1));
  });
}
