/**
 * A socket to this machine whose line is as narrow as one far away: the system keeps megabytes of an answer for a usual one,
 * and a reader behind it is not slow for long. Node sets none of these options, so the C library is asked. Linux.
 */

/** Of socket.h, netinet/in.h and netinet/tcp.h. */
const AF_INET = 2;
const SOCK_STREAM = 1;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const IPPROTO_TCP = 6;
const TCP_MAXSEG = 2;

/** Bytes: what the receiver takes in, and the longest segment, by which the sender's system sizes what it takes in. */
const RECEIVED = 4_096;
const SEGMENT = 536;

/** A file descriptor, connected; whoever gets it closes it. Throws where nothing listens. */
export type ConnectNarrow = (port: number) => number;

export async function narrowSockets(): Promise<ConnectNarrow> {
  const { default: koffi } = await import('koffi');
  const libc = koffi.load(null);
  const socket = libc.func('int socket(int domain, int type, int protocol)');
  const setsockopt = libc.func('int setsockopt(int fd, int level, int name, int *value, int size)');
  const connect = libc.func('int connect(int fd, uint8_t *address, int size)');
  return (port) => {
    const fd = succeed(socket(AF_INET, SOCK_STREAM, 0), 'socket');
    const set = (level: number, name: number, value: number): number =>
      succeed(setsockopt(fd, level, name, Int32Array.of(value), 4), 'setsockopt');
    set(SOL_SOCKET, SO_RCVBUF, RECEIVED);
    set(IPPROTO_TCP, TCP_MAXSEG, SEGMENT);
    // sockaddr_in of 127.0.0.1: family as this machine has it, port in network order
    const address = new Uint8Array(16);
    address.set([AF_INET, 0, port >> 8, port & 0xff, 127, 0, 0, 1]);
    succeed(connect(fd, address, address.byteLength), `connecting to port ${port}`);
    return fd;
  };
}

function succeed(result: unknown, what: string): number {
  if (typeof result === 'number' && result >= 0) return result;
  throw new Error(`${what} failed.`);
}
