/**
 * A pickle reader for what `torch.save` writes of a state dict, and for nothing else: of the stack machine
 * only the opcodes that occur there, of Python only the globals of a tensor. Nothing is executed or imported.
 * Opcodes: https://docs.python.org/3/library/pickletools.html; every one costs constant work and makes at most
 * one value, and their number is bounded.
 */
import { CheckpointError } from './checkpoint-error.ts';
import {
  call,
  globalValue,
  isKind,
  storageValue,
  type DictValue,
  type PickleValue,
} from './pickle-values.ts';

/** Longest name of a tensor or a storage. */
const TEXT_MAX_BYTES = 4_096;
/** Most opcodes; a tensor takes about 35, and bark has 806. */
const STEPS_MAX = 500_000;

const OPCODES = {
  MARK: 0x28,
  EMPTY_TUPLE: 0x29,
  STOP: 0x2e,
  BININT: 0x4a,
  BININT1: 0x4b,
  BININT2: 0x4d,
  NONE: 0x4e,
  BINPERSID: 0x51,
  REDUCE: 0x52,
  BINUNICODE: 0x58,
  BUILD: 0x62,
  GLOBAL: 0x63,
  BINGET: 0x68,
  LONG_BINGET: 0x6a,
  BINPUT: 0x71,
  LONG_BINPUT: 0x72,
  SETITEM: 0x73,
  TUPLE: 0x74,
  SETITEMS: 0x75,
  EMPTY_DICT: 0x7d,
  PROTO: 0x80,
  TUPLE1: 0x85,
  TUPLE2: 0x86,
  TUPLE3: 0x87,
  NEWTRUE: 0x88,
  NEWFALSE: 0x89,
  LONG1: 0x8a,
} as const;

/** The dict that the pickle `bytes` hold; throws CheckpointError (a phrase without the file's name) for anything else. */
export function unpickleDict(bytes: Uint8Array): DictValue {
  const value = new Machine(bytes).run();
  if (!isKind(value, 'dict')) throw new CheckpointError('the pickle does not hold a dict');
  return value;
}

class Machine {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #stack: PickleValue[] = [];
  /** What lay below each open mark. */
  readonly #below: PickleValue[][] = [];
  readonly #memo = new Map<number, PickleValue>();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): PickleValue {
    for (let step = 0; step < STEPS_MAX; step += 1) {
      const opcode = this.#uint8();
      if (opcode === OPCODES.STOP) return this.#pop();
      if (!this.#push(opcode)) this.#change(opcode);
    }
    throw new CheckpointError(
      `the pickle has more than ${STEPS_MAX} opcodes, more than a state dict of Bark needs`,
    );
  }

  /** The opcodes that put one value on the stack; false for others. */
  #push(opcode: number): boolean {
    switch (opcode) {
      case OPCODES.NONE:
        this.#stack.push(null);
        return true;
      case OPCODES.NEWTRUE:
      case OPCODES.NEWFALSE:
        this.#stack.push(opcode === OPCODES.NEWTRUE);
        return true;
      case OPCODES.BININT:
        this.#stack.push(this.#view.getInt32(this.#take(4), true));
        return true;
      case OPCODES.BININT1:
        this.#stack.push(this.#uint8());
        return true;
      case OPCODES.BININT2:
        this.#stack.push(this.#view.getUint16(this.#take(2), true));
        return true;
      case OPCODES.LONG1:
        this.#stack.push(this.#long());
        return true;
      case OPCODES.BINUNICODE:
        this.#stack.push(this.#text(this.#uint32()));
        return true;
      case OPCODES.EMPTY_DICT:
        this.#stack.push({ kind: 'dict', entries: new Map() });
        return true;
      case OPCODES.EMPTY_TUPLE:
        this.#stack.push({ kind: 'tuple', items: [] });
        return true;
      case OPCODES.GLOBAL:
        this.#stack.push(globalValue(this.#line(), this.#line()));
        return true;
      case OPCODES.BINGET:
        this.#stack.push(this.#recall(this.#uint8()));
        return true;
      case OPCODES.LONG_BINGET:
        this.#stack.push(this.#recall(this.#uint32()));
        return true;
      default:
        return false;
    }
  }

  /** The opcodes that work on what is there. */
  #change(opcode: number): void {
    switch (opcode) {
      case OPCODES.PROTO:
        this.#protocol(this.#uint8());
        return;
      case OPCODES.BINPUT:
        this.#memo.set(this.#uint8(), this.#top());
        return;
      case OPCODES.LONG_BINPUT:
        this.#memo.set(this.#uint32(), this.#top());
        return;
      case OPCODES.MARK:
        this.#below.push(this.#stack);
        this.#stack = [];
        return;
      case OPCODES.TUPLE:
        this.#tuple(this.#sinceMark());
        return;
      case OPCODES.TUPLE1:
      case OPCODES.TUPLE2:
      case OPCODES.TUPLE3:
        this.#tuple(Array.from({ length: opcode - 0x84 }, () => this.#pop()).toReversed());
        return;
      case OPCODES.BINPERSID:
        this.#stack.push(storageValue(this.#pop()));
        return;
      case OPCODES.REDUCE: {
        const args = this.#pop();
        this.#stack.push(call(this.#pop(), args));
        return;
      }
      case OPCODES.SETITEM: {
        const value = this.#pop();
        this.#setItems([this.#pop(), value]);
        return;
      }
      case OPCODES.SETITEMS:
        this.#setItems(this.#sinceMark());
        return;
      case OPCODES.BUILD:
        // only an OrderedDict has a state, its `_metadata`: versions of modules, of no use here
        this.#pop();
        if (!isKind(this.#top(), 'dict')) throw new CheckpointError('the pickle builds an object');
        return;
      default:
        throw new CheckpointError(
          `the pickle uses opcode 0x${opcode.toString(16)} at ${this.#at - 1}, which a state dict does not need`,
        );
    }
  }

  #protocol(version: number): void {
    if (version !== 2) {
      throw new CheckpointError(`the pickle has protocol ${version}; torch.save writes 2`);
    }
  }

  #tuple(items: readonly PickleValue[]): void {
    this.#stack.push({ kind: 'tuple', items });
  }

  #setItems(items: readonly PickleValue[]): void {
    const dict = this.#top();
    if (!isKind(dict, 'dict') || items.length % 2 !== 0) {
      throw new CheckpointError('the pickle sets items of something that is not a dict');
    }
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i];
      const value = items[i + 1];
      if (typeof key !== 'string' || value === undefined) {
        throw new CheckpointError('a key of a dict in the pickle is not a text');
      }
      dict.entries.set(key, value);
    }
  }

  #pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined) throw new CheckpointError('the stack of the pickle is empty');
    return value;
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1);
    if (value === undefined) throw new CheckpointError('the stack of the pickle is empty');
    return value;
  }

  #sinceMark(): PickleValue[] {
    const below = this.#below.pop();
    if (below === undefined) throw new CheckpointError('a mark is missing in the pickle');
    const items = this.#stack;
    this.#stack = below;
    return items;
  }

  #recall(index: number): PickleValue {
    const value = this.#memo.get(index);
    if (value === undefined) {
      throw new CheckpointError(`the pickle recalls value ${index}, which it never stored`);
    }
    return value;
  }

  #take(count: number): number {
    const from = this.#at;
    if (count > this.#bytes.length - from) throw new CheckpointError('the pickle ends too early');
    this.#at += count;
    return from;
  }

  #uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  #uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** A little-endian two's complement integer of up to 8 bytes. */
  #long(): number {
    const count = this.#uint8();
    if (count > 8) throw new CheckpointError(`a number in the pickle has ${count} bytes`);
    let value = 0n;
    const from = this.#take(count);
    for (let i = count - 1; i >= 0; i -= 1)
      value = (value << 8n) | BigInt(this.#bytes[from + i] ?? 0);
    return Number(BigInt.asIntN(8 * count, value));
  }

  #text(length: number): string {
    if (length > TEXT_MAX_BYTES) {
      throw new CheckpointError(`a text in the pickle has ${length} bytes`);
    }
    const from = this.#take(length);
    return new TextDecoder().decode(this.#bytes.subarray(from, from + length));
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0 || end - this.#at > TEXT_MAX_BYTES) {
      throw new CheckpointError('a name in the pickle does not end');
    }
    const text = this.#text(end - this.#at);
    this.#take(1);
    return text;
  }
}
