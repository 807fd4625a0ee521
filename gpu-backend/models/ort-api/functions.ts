/**
 * The part of ONNX Runtime's C API that we call: each function's place in the `OrtApi` table of
 * onnxruntime_c_api.h. The table only ever grows at its end, so a place holds for every later
 * version; `API_VERSION` is the header that these were counted in.
 */

/** `ORT_API_VERSION` of that header: ONNX Runtime 1.30. */
export const API_VERSION = 30;

/** Handles and pointers are passed as bigint, memory of ours as a typed array. */
const POINTER = 'void *';

/** Name -> place in the table, result, parameters. A pointer as result is a status, null when all went well. */
export const FUNCTIONS = {
  GetErrorMessage: [2, 'str', [POINTER]],
  CreateEnv: [3, POINTER, ['int', 'str', POINTER]],
  CreateSessionFromArray: [8, POINTER, [POINTER, POINTER, 'size_t', POINTER, POINTER]],
  CreateSessionOptions: [10, POINTER, [POINTER]],
  DisableMemPattern: [17, POINTER, [POINTER]],
  SetSessionLogSeverityLevel: [22, POINTER, [POINTER, 'int']],
  SetSessionGraphOptimizationLevel: [23, POINTER, [POINTER, 'int']],
  SetIntraOpNumThreads: [24, POINTER, [POINTER, 'int']],
  SetInterOpNumThreads: [25, POINTER, [POINTER, 'int']],
  SessionGetInputCount: [30, POINTER, [POINTER, POINTER]],
  SessionGetOutputCount: [31, POINTER, [POINTER, POINTER]],
  CreateRunOptions: [39, POINTER, [POINTER]],
  CreateTensorWithDataAsOrtValue: [
    49,
    POINTER,
    [POINTER, POINTER, 'size_t', POINTER, 'size_t', 'int', POINTER],
  ],
  CreateCpuMemoryInfo: [69, POINTER, ['int', 'int', POINTER]],
  ReleaseEnv: [92, 'void', [POINTER]],
  ReleaseStatus: [93, 'void', [POINTER]],
  ReleaseMemoryInfo: [94, 'void', [POINTER]],
  ReleaseSession: [95, 'void', [POINTER]],
  ReleaseValue: [96, 'void', [POINTER]],
  ReleaseRunOptions: [97, 'void', [POINTER]],
  ReleaseSessionOptions: [100, 'void', [POINTER]],
  AddSessionConfigEntry: [130, POINTER, [POINTER, 'str', 'str']],
  RunWithBinding: [133, POINTER, [POINTER, POINTER, POINTER]],
  CreateIoBinding: [134, POINTER, [POINTER, POINTER]],
  ReleaseIoBinding: [135, 'void', [POINTER]],
  BindInput: [136, POINTER, [POINTER, 'str', POINTER]],
  BindOutput: [137, POINTER, [POINTER, 'str', POINTER]],
  AddRunConfigEntry: [165, POINTER, [POINTER, 'str', 'str']],
  AddExternalInitializers: [210, POINTER, [POINTER, 'str *', POINTER, 'size_t']],
} as const;

export type FunctionName = keyof typeof FUNCTIONS;
