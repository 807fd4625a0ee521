/** Something that runs beside this process, as long as it is used. */
interface Running {
  stop(): Promise<void>;
}

/** It is stopped however its use ends. */
export async function during<Thing extends Running, Result>(
  starting: Promise<Thing>,
  use: (thing: Thing) => Promise<Result>,
): Promise<Result> {
  const thing = await starting;
  try {
    return await use(thing);
  } finally {
    await thing.stop();
  }
}
