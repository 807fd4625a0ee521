/** The thread that decodes on the graphics card, by WebGPU. */
import * as runtime from 'onnxruntime-web/jspi';
import { serveDecoder } from './codec-thread.ts';

serveDecoder(runtime, { provider: 'webgpu', build: '-jspi' });
