/** Plays samples as they come, one piece right after the other. */

/** Seconds between the arrival of the first sound and its playing; twice as many after each gap, to have fewer. */
const LEAD_SECONDS = 0.08;
const MOST_LEAD_SECONDS = 1;

interface Piece {
  /** On the clock of the audio device, in seconds. */
  readonly at: number;
  /** In the speech, in seconds. */
  readonly from: number;
}

export class Player {
  readonly #context: AudioContext;
  readonly #rate: number;
  #pieces: Piece[] = [];
  #endsAt = 0;
  #duration = 0;
  #gaps = 0;
  #isEnded = false;
  readonly #finished = Promise.withResolvers<void>();

  /** `rate`: samples a second, of everything that is played; the device adapts. */
  constructor(rate: number) {
    this.#rate = rate;
    this.#context = new AudioContext({ sampleRate: rate });
  }

  play(samples: Float32Array<ArrayBuffer>): void {
    if (samples.length === 0) return;
    const buffer = this.#context.createBuffer(1, samples.length, this.#rate);
    buffer.copyToChannel(samples, 0);
    const source = this.#context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.#context.destination);
    const now = this.#context.currentTime;
    if (this.#endsAt < now) {
      if (this.#pieces.length > 0) this.#gaps += 1;
      this.#endsAt = now + Math.min(MOST_LEAD_SECONDS, LEAD_SECONDS * 2 ** this.#gaps);
      this.#pieces.push({ at: this.#endsAt, from: this.#duration });
    }
    source.start(this.#endsAt);
    this.#endsAt += buffer.duration;
    this.#duration += buffer.duration;
    const until = this.#duration;
    source.addEventListener('ended', () => {
      if (this.#isEnded && until >= this.#duration) this.#finished.resolve();
    });
  }

  /** Nothing more comes; resolves when all has been heard, or playing was stopped. */
  async end(): Promise<void> {
    this.#isEnded = true;
    if (this.#duration === 0 || this.heard >= this.#duration) this.#finished.resolve();
    await this.#finished.promise;
  }

  /** Seconds of the speech that have been heard. */
  get heard(): number {
    const now = this.#context.currentTime;
    const piece = this.#pieces.findLast(({ at }) => at <= now);
    return piece === undefined ? 0 : Math.min(this.#duration, piece.from + now - piece.at);
  }

  /** Seconds that have come. */
  get duration(): number {
    return this.#duration;
  }

  /** How often the sound stood still because nothing had come. */
  get gaps(): number {
    return this.#gaps;
  }

  get isPaused(): boolean {
    return this.#context.state === 'suspended';
  }

  pause(): Promise<void> {
    return this.#context.suspend();
  }

  resume(): Promise<void> {
    return this.#context.resume();
  }

  async stop(): Promise<void> {
    this.#finished.resolve();
    if (this.#context.state !== 'closed') await this.#context.close();
  }
}
