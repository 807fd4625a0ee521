/** The thread that decodes on the processor, by WebAssembly. */
import * as runtime from 'onnxruntime-web/wasm';
import { serveDecoder } from './codec-thread.ts';

serveDecoder(runtime, { provider: 'wasm', build: '' });
