/** The socket under the protocol, as little as the protocol needs of one. */

export interface BackendSocket {
  send(message: string | Uint8Array<ArrayBuffer>): void;
  /** Called once, first of all: messages that came before are handed over then, none is lost. */
  listen(listener: SocketListener): void;
  /** Idempotent. */
  close(code: number, reason: string): void;
}

export interface SocketListener {
  message(message: string | Uint8Array): void;
  /** The other side has gone, or the line broke; nothing follows. */
  closed(code: number): void;
}

/** Opens a socket to the backend with the protocol agreed on, or throws the fault that a caller may see. */
export type ConnectBackend = (signal: AbortSignal) => Promise<BackendSocket>;
