/** The inference server: configuration, engine, sockets, and a graceful end. The only place that builds the real things. */
import { availableParallelism } from 'node:os';
import { ConfigError, readConfig } from './config.ts';
import { makeDecoderFile } from './inference/decoder-file.ts';
import { startEngine } from './inference/engine.ts';
import { jsonLog } from './server/log.ts';
import { createSpeechServer } from './server/server.ts';

/** Exit status for a configuration or a checkpoint that can not be used (EX_CONFIG of sysexits.h). */
const EXIT_CONFIG = 78;

const log = jsonLog((line) => process.stdout.write(`${line}\n`));

async function main(): Promise<void> {
  const {
    model,
    server: config,
    threads,
    precision,
    device,
    rows,
    offload,
  } = readConfig(process.env);
  const loading = startEngine(
    {
      folder: model.folder,
      model: model.id,
      threads: threads ?? availableParallelism(),
      precision,
      device,
      rows,
      offload,
    },
    (message) => log('warning', { message }),
  );
  const server = createSpeechServer({
    synthesizer: loading,
    config,
    log,
    decoderFile: () => makeDecoderFile(model.folder),
  });
  const { url } = await server.listen();
  log('listening', { url, model: model.id });

  let isEnding = false;
  let isLoaded = false;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    await server.drain();
    if (isLoaded) process.exit(0);
    // a thread in the middle of native code does not survive its end: the signal's default action ends all at once
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isEnding) return;
      isEnding = true;
      void end(signal);
    });
  }

  const engine = await loading;
  isLoaded = true;
  const failure = await engine.failed;
  log('engine-failed', { error: failure.name });
  await server.close();
  process.exit(1);
}

main().catch((error: unknown) => {
  // what is wrong with the configuration or the checkpoint holds no spoken text
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message}\n`);
  process.exit(error instanceof ConfigError ? EXIT_CONFIG : 1);
});
