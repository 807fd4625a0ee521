/**
 * Writes an ONNX model node by node: the few messages of onnx.proto3 (IR version 10) that our graphs
 * need. Large constants stay outside the protobuf as external data, so no graph meets its 2 GB limit.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** TensorProto.DataType. */
export const ELEMENT = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
} as const;
export type ElementType = keyof typeof ELEMENT;

/** A fixed size, or the name of one that is known only when the graph runs. */
export type Dimension = number | string;

/** A value inside the graph under construction. */
export type Value = string;

export type Attribute =
  | number
  | readonly number[]
  | string
  | { readonly float: number }
  | { readonly graph: Uint8Array };

/** A constant beside the protobuf: `path` is its name in the graph too. */
export interface ExternalConstant {
  readonly path: string;
  readonly data: Uint8Array;
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/** A finished model: its protobuf and the constants it refers to by name. */
export interface OnnxModel {
  readonly model: Uint8Array;
  readonly externalData: readonly ExternalConstant[];
}

/** A node with every detail; an output that nobody reads is the empty string. */
export interface NodeSpec {
  readonly type: string;
  readonly domain?: typeof CONTRIB;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

/** The domain of ONNX Runtime's own operators. */
export const CONTRIB = 'com.microsoft';

const IR_VERSION = 10;
const OPSET_VERSION = 21;
/** Constants up to this size are written into the protobuf in any case. */
const INLINE_MAX_BYTES = 1_024;

/** Where large constants are: beside the protobuf, or in it, so that it is a file by itself (2 GB at most). */
export type Placing = 'outside' | 'inside';

export class GraphBuilder {
  readonly #name: string;
  readonly #inlineMaxBytes: number;
  #nodes: Uint8Array[] = [];
  readonly #initializers: Uint8Array[] = [];
  readonly #inputs: Uint8Array[] = [];
  readonly #outputs: Uint8Array[] = [];
  readonly #externalData: ExternalConstant[] = [];
  readonly #shared = new Map<string, Value>();
  #counter = 0;

  constructor(name: string, placing: Placing = 'outside') {
    this.#name = name;
    this.#inlineMaxBytes = placing === 'inside' ? Number.POSITIVE_INFINITY : INLINE_MAX_BYTES;
  }

  /** Declares an input of the graph. */
  input(name: string, type: ElementType, shape: readonly Dimension[]): Value {
    this.#inputs.push(valueInfo(name, type, shape));
    return name;
  }

  /** Declares `value` as an output of the graph, under its own name. */
  output(name: string, value: Value, type: ElementType, shape: readonly Dimension[]): void {
    this.#nodes.push(node('Identity', [value], [name], {}));
    this.#outputs.push(valueInfo(name, type, shape));
  }

  /** Declares a value that a node already writes under this very name as an output. */
  outputAsIs(name: string, type: ElementType, shape: readonly Dimension[]): void {
    this.#outputs.push(valueInfo(name, type, shape));
  }

  /** A float32 constant of row-major data; the array must stay unchanged while sessions are made of it. */
  weight(data: Float32Array, shape: readonly number[]): Value {
    return this.constant('float32', data, shape);
  }

  /** A constant of row-major data of any type; the array must stay unchanged while sessions are made of it. */
  constant(type: ElementType, data: ArrayBufferView, shape: readonly number[]): Value {
    return this.#constant(
      type,
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      shape,
    );
  }

  /** A float32 constant without dimensions. */
  scalar(value: number): Value {
    return this.#once(`scalar ${value}`, () => this.weight(Float32Array.of(value), []));
  }

  /** A uint8 constant without dimensions. */
  uint8(value: number): Value {
    return this.#once(`uint8 ${value}`, () => this.constant('uint8', Uint8Array.of(value), []));
  }

  /** An int64 constant: a list, or without dimensions when a single number is given. */
  int64(values: number | readonly number[]): Value {
    return this.#once(`int64 ${JSON.stringify(values)}`, () => {
      const list = typeof values === 'number' ? [values] : values;
      const data = BigInt64Array.from(list, BigInt);
      return this.#constant(
        'int64',
        new Uint8Array(data.buffer),
        typeof values === 'number' ? [] : [list.length],
      );
    });
  }

  /** Adds a node with one output; a missing optional input is the empty string. */
  op(
    type: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value {
    const [output = ''] = this.ops(type, inputs, 1, attributes);
    return output;
  }

  /** Adds a node with several outputs. */
  ops(
    type: string,
    inputs: readonly Value[],
    outputs: number,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value[] {
    const names = Array.from({ length: outputs }, () => this.fresh(type));
    this.add({ type, inputs, outputs: names, attributes });
    return names;
  }

  /** Adds one of ONNX Runtime's own operators with one output. */
  contrib(
    type: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value {
    const output = this.fresh(type);
    this.add({ type, domain: CONTRIB, inputs, outputs: [output], attributes });
    return output;
  }

  /** Adds a node whose outputs have been named by the caller. */
  add({ type, domain, inputs, outputs, attributes = {} }: NodeSpec): void {
    this.#nodes.push(node(type, inputs, outputs, attributes, domain));
  }

  /**
   * A branch of an `If`: the nodes that `write` adds, which may read every value outside. `write` answers
   * the branch's outputs, in the order of the node's.
   */
  branch(name: string, write: () => readonly Value[]): Attribute {
    const outside = this.#nodes;
    this.#nodes = [];
    try {
      const outputs = write();
      const graph = new BinaryWriter();
      for (const bytes of this.#nodes) graph.tag(1, WireType.LengthDelimited).bytes(bytes);
      graph.tag(2, WireType.LengthDelimited).string(name);
      for (const output of outputs) {
        // types follow from the nodes
        const info = new BinaryWriter().tag(1, WireType.LengthDelimited).string(output);
        graph.tag(12, WireType.LengthDelimited).bytes(info.finish());
      }
      return { graph: graph.finish() };
    } finally {
      this.#nodes = outside;
    }
  }

  /** A name that nothing else in the graph has. */
  fresh(prefix: string): Value {
    this.#counter += 1;
    return `${prefix}_${this.#counter}`;
  }

  build(): OnnxModel {
    const graph = new BinaryWriter();
    for (const bytes of this.#nodes) graph.tag(1, WireType.LengthDelimited).bytes(bytes);
    graph.tag(2, WireType.LengthDelimited).string(this.#name);
    for (const bytes of this.#initializers) graph.tag(5, WireType.LengthDelimited).bytes(bytes);
    for (const bytes of this.#inputs) graph.tag(11, WireType.LengthDelimited).bytes(bytes);
    for (const bytes of this.#outputs) graph.tag(12, WireType.LengthDelimited).bytes(bytes);

    const model = new BinaryWriter();
    model.tag(1, WireType.Varint).int64(IR_VERSION);
    model.tag(2, WireType.LengthDelimited).string('bark-edge');
    model.tag(7, WireType.LengthDelimited).bytes(graph.finish());
    const opsets = { '': OPSET_VERSION, [CONTRIB]: 1 };
    for (const [domain, version] of Object.entries(opsets)) {
      const opset = new BinaryWriter()
        .tag(1, WireType.LengthDelimited)
        .string(domain)
        .tag(2, WireType.Varint)
        .int64(version);
      model.tag(8, WireType.LengthDelimited).bytes(opset.finish());
    }
    return { model: model.finish(), externalData: this.#externalData };
  }

  #constant(type: ElementType, bytes: Uint8Array, shape: readonly number[]): Value {
    const name = this.fresh('constant');
    const tensor = new BinaryWriter();
    for (const dimension of shape) tensor.tag(1, WireType.Varint).int64(dimension);
    tensor.tag(2, WireType.Varint).int32(ELEMENT[type]);
    tensor.tag(8, WireType.LengthDelimited).string(name);
    if (bytes.byteLength <= this.#inlineMaxBytes) {
      tensor.tag(9, WireType.LengthDelimited).bytes(bytes);
    } else {
      const entries = { location: name, offset: '0', length: String(bytes.byteLength) };
      for (const [key, value] of Object.entries(entries)) {
        const entry = new BinaryWriter()
          .tag(1, WireType.LengthDelimited)
          .string(key)
          .tag(2, WireType.LengthDelimited)
          .string(value);
        tensor.tag(13, WireType.LengthDelimited).bytes(entry.finish());
      }
      tensor.tag(14, WireType.Varint).int32(1); // data_location EXTERNAL
      this.#externalData.push({ path: name, data: bytes, type, shape });
    }
    this.#initializers.push(tensor.finish());
    return name;
  }

  #once(key: string, make: () => Value): Value {
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#shared.set(key, made);
    return made;
  }
}

function node(
  type: string,
  inputs: readonly Value[],
  outputs: readonly Value[],
  attributes: Readonly<Record<string, Attribute>>,
  domain = '',
): Uint8Array {
  const writer = new BinaryWriter();
  for (const name of inputs) writer.tag(1, WireType.LengthDelimited).string(name);
  for (const name of outputs) writer.tag(2, WireType.LengthDelimited).string(name);
  writer.tag(4, WireType.LengthDelimited).string(type);
  for (const [name, value] of Object.entries(attributes)) {
    writer.tag(5, WireType.LengthDelimited).bytes(attribute(name, value));
  }
  if (domain !== '') writer.tag(7, WireType.LengthDelimited).string(domain);
  return writer.finish();
}

/** AttributeProto: float f = 2, int i = 3, bytes s = 4, graph g = 6, ints = 8, and its type in field 20. */
function attribute(name: string, value: Attribute): Uint8Array {
  const writer = new BinaryWriter().tag(1, WireType.LengthDelimited).string(name);
  if (typeof value === 'number') {
    writer.tag(3, WireType.Varint).int64(value).tag(20, WireType.Varint).int32(2);
  } else if (typeof value === 'string') {
    writer.tag(4, WireType.LengthDelimited).string(value).tag(20, WireType.Varint).int32(3);
  } else if ('graph' in value) {
    writer.tag(6, WireType.LengthDelimited).bytes(value.graph).tag(20, WireType.Varint).int32(5);
  } else if ('float' in value) {
    writer.tag(2, WireType.Bit32).float(value.float).tag(20, WireType.Varint).int32(1);
  } else {
    for (const item of value) writer.tag(8, WireType.Varint).int64(item);
    writer.tag(20, WireType.Varint).int32(7);
  }
  return writer.finish();
}

function valueInfo(name: string, type: ElementType, shape: readonly Dimension[]): Uint8Array {
  const dimensions = new BinaryWriter();
  for (const dimension of shape) {
    const writer = new BinaryWriter();
    if (typeof dimension === 'number') writer.tag(1, WireType.Varint).int64(dimension);
    else writer.tag(2, WireType.LengthDelimited).string(dimension);
    dimensions.tag(1, WireType.LengthDelimited).bytes(writer.finish());
  }
  const tensor = new BinaryWriter()
    .tag(1, WireType.Varint)
    .int32(ELEMENT[type])
    .tag(2, WireType.LengthDelimited)
    .bytes(dimensions.finish());
  const typeProto = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(tensor.finish());
  return new BinaryWriter()
    .tag(1, WireType.LengthDelimited)
    .string(name)
    .tag(2, WireType.LengthDelimited)
    .bytes(typeProto.finish())
    .finish();
}
