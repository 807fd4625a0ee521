/**
 * Nothing is reported to anyone: ONNX Runtime's Linux and macOS binaries (1.29 and later) send usage
 * events to their maker unless this variable stands before the library is loaded. So this module
 * comes before every import of it. A worker thread has only a copy of the environment: who starts one
 * imports this module too.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1';
