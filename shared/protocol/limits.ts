/** The version of the wire and every bound that both sides keep, each with its unit. */

/** Refused when it differs: messages of another version may mean something else. */
export const PROTOCOL_VERSION = 1;

/** Offered and answered in `Sec-WebSocket-Protocol`. */
export const SUBPROTOCOL = `bark-edge.v${PROTOCOL_VERSION}`;

/** Where the backend listens for sockets. */
export const SPEECH_PATH = '/v1/speech';

/** Where the backend tells what a request has cost: this and its id. */
export const RECORDS_PATH = '/v1/requests/';

/** Where the backend serves the file that decodes its codes: this, its SHA-256 and `.onnx`. */
export const DECODER_PATH = '/v1/codec/';

/** Largest JSON message; a sentence of 256 ids is about 3 KiB. Bounds the parser's work. */
export const MAX_JSON_BYTES = 64 * 1024;

/** Largest binary message; a voice of two minutes is 200 kB. */
export const MAX_BINARY_BYTES = 512 * 1024;

/** Most requests open on one socket. */
export const MAX_REQUESTS_PER_SOCKET = 16;

/** Most samples in one audio message: half a second. */
export const MAX_AUDIO_MESSAGE_SAMPLES = 12_000;

/** Credit may not exceed this: one hour of samples. */
export const MAX_CREDIT_SAMPLES = 24_000 * 3_600;

/** The backend says hello within this time after the upgrade. */
export const HELLO_TIMEOUT_MS = 5_000;

/** The edge answers `voice-needed` within this time. */
export const VOICE_TIMEOUT_MS = 15_000;

/** Without any message in this time a side closes the socket; the other sends `ping` well before. */
export const IDLE_TIMEOUT_MS = 60_000;

/** How often a side that waits sends `ping`. */
export const PING_INTERVAL_MS = 20_000;

/** A reader that grants no credit for this long, while audio waits, has gone (or paused too long): its request is cancelled. */
export const CREDIT_TIMEOUT_MS = 600_000;

/** From `speak` to `accepted` (or `fault`). */
export const ACCEPT_TIMEOUT_MS = 10_000;

/** From `accepted` to the first progress, then from one progress to the next or the first audio; queues and large models take minutes. */
export const FIRST_AUDIO_TIMEOUT_MS = 300_000;

/** From `speak` to `done`, time spent waiting for credit included. */
export const REQUEST_TIMEOUT_MS = 1_800_000;

/** RFC 6455 section 5.5: a control frame carries 125 bytes, two of them the close code. */
export const MAX_CLOSE_REASON_BYTES = 125 - 2;
