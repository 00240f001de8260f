import protobuf from 'protobufjs/light.js';

/**
 * The messages of ONNX (onnx.proto, IR version 10) that the product writes; field numbers are
 * those of the standard.
 */
const schema = protobuf.Root.fromJSON({
  nested: {
    Attribute: {
      fields: {
        name: { type: 'string', id: 1 },
        f: { type: 'float', id: 2 },
        i: { type: 'int64', id: 3 },
        s: { type: 'bytes', id: 4 },
        ints: { type: 'int64', id: 8, rule: 'repeated' },
        type: { type: 'int32', id: 20 },
      },
    },
    Node: {
      fields: {
        input: { type: 'string', id: 1, rule: 'repeated' },
        output: { type: 'string', id: 2, rule: 'repeated' },
        name: { type: 'string', id: 3 },
        opType: { type: 'string', id: 4 },
        attribute: { type: 'Attribute', id: 5, rule: 'repeated' },
        domain: { type: 'string', id: 7 },
      },
    },
    Tensor: {
      fields: {
        dims: { type: 'int64', id: 1, rule: 'repeated' },
        dataType: { type: 'int32', id: 2 },
        name: { type: 'string', id: 8 },
        rawData: { type: 'bytes', id: 9 },
      },
    },
    Dimension: { fields: { dimValue: { type: 'int64', id: 1 } } },
    TensorShape: { fields: { dim: { type: 'Dimension', id: 1, rule: 'repeated' } } },
    TensorType: {
      fields: { elemType: { type: 'int32', id: 1 }, shape: { type: 'TensorShape', id: 2 } },
    },
    Type: { fields: { tensorType: { type: 'TensorType', id: 1 } } },
    ValueInfo: { fields: { name: { type: 'string', id: 1 }, type: { type: 'Type', id: 2 } } },
    Entry: { fields: { key: { type: 'string', id: 1 }, value: { type: 'string', id: 2 } } },
    Graph: {
      fields: {
        node: { type: 'Node', id: 1, rule: 'repeated' },
        name: { type: 'string', id: 2 },
        initializer: { type: 'Tensor', id: 5, rule: 'repeated' },
        input: { type: 'ValueInfo', id: 11, rule: 'repeated' },
        output: { type: 'ValueInfo', id: 12, rule: 'repeated' },
      },
    },
    OperatorSet: {
      fields: { domain: { type: 'string', id: 1 }, version: { type: 'int64', id: 2 } },
    },
    Model: {
      fields: {
        irVersion: { type: 'int64', id: 1 },
        producerName: { type: 'string', id: 2 },
        graph: { type: 'Graph', id: 7 },
        opsetImport: { type: 'OperatorSet', id: 8, rule: 'repeated' },
        metadataProps: { type: 'Entry', id: 14, rule: 'repeated' },
      },
    },
  },
});

export const Model = schema.lookupType('Model');

/** Numbers of ONNX for element types. */
export const ELEMENT_TYPE = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  float64: 11,
} as const;

/** Numbers of ONNX for kinds of attributes. */
export const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, ints: 7 } as const;
