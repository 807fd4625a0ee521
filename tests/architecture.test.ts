/** The law: who may import whom, and which packages each folder may use. The tables are the documentation. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

interface Law {
  /** Folders (or files) of the project; `types:` allows `import type` alone. */
  readonly may: readonly string[];
  readonly packages?: readonly string[];
}

/** The longest matching prefix rules a file. A folder may always import from itself. */
const LAW: Record<string, Law> = {
  'shared/errors.ts': { may: [] },
  'shared/bark': { may: [], packages: ['zod/mini', 'fflate'] },
  'shared/text': { may: ['shared/bark'] },
  'shared/text/normalize': { may: ['shared/text'], packages: ['n2words'] },
  'shared/audio': { may: [] },
  'shared/codec': { may: ['shared/bark', 'shared/audio'] },
  'shared/protocol': {
    may: ['shared/errors.ts', 'shared/bark', 'shared/audio', 'shared/codec'],
    packages: ['zod/mini'],
  },

  'functions/worker.ts': {
    may: ['functions', 'shared'],
    packages: ['types:hono', 'cloudflare:workers'],
  },
  'functions/build-services.ts': { may: ['functions', 'shared'], packages: ['cloudflare:workers'] },
  'functions/rooms.ts': { may: ['functions', 'shared'], packages: ['cloudflare:workers'] },
  'functions/app.ts': { may: ['functions', 'shared'], packages: ['hono'] },
  'functions/env.ts': {
    may: [
      'functions/staged',
      'functions/keys',
      'functions/takes',
      'functions/urls',
      'shared/errors.ts',
    ],
  },
  'functions/services.ts': {
    may: [
      'types:functions/backend',
      'types:functions/formats',
      'types:functions/guards',
      'types:functions/keys',
      'types:functions/speech',
      'types:functions/staged',
      'types:functions/takes',
      'types:functions/urls',
    ],
    packages: ['types:hono'],
  },
  'functions/routes': {
    may: [
      'types:functions/services.ts',
      'functions/guards',
      'functions/keys',
      'functions/speech',
      'functions/text',
      'functions/delivery',
      'functions/takes',
      'functions/urls',
      'shared',
    ],
    packages: ['hono', 'zod/mini', 'zod/locales'],
  },
  'functions/guards': {
    may: ['types:functions/keys', 'shared/audio', 'shared/errors.ts'],
    packages: ['hono'],
  },
  'functions/playground': {
    may: ['shared/audio', 'shared/bark/shapes.ts', 'shared/codec'],
    packages: ['mediabunny', 'eventsource-parser/stream', 'fft.js', 'onnxruntime-web'],
  },
  'functions/urls': {
    may: [
      'functions/delivery',
      'functions/speech',
      'types:functions/formats',
      'functions/takes',
      'types:functions/keys',
      'shared',
    ],
    packages: ['zod/mini'],
  },
  'functions/takes': {
    may: ['functions/delivery/silences.ts', 'functions/backend', 'shared'],
    packages: ['zod/mini', 'cloudflare:workers'],
  },
  'functions/keys': {
    may: ['shared/errors.ts'],
    packages: ['hono/utils', 'zod/mini', 'cloudflare:workers'],
  },
  'functions/speech': {
    may: [
      'functions/staged',
      'functions/takes',
      'functions/voices',
      'functions/text',
      'types:functions/backend',
      'shared',
    ],
  },
  'functions/backend': {
    may: ['shared/protocol', 'shared/errors.ts', 'shared/bark', 'shared/audio', 'shared/codec'],
  },
  'functions/formats': { may: ['shared/audio'] },
  'functions/formats/audio-libraries.ts': {
    may: [
      'functions/formats',
      'node_modules/@echogarden/sonic-wasm',
      'node_modules/@evan/opus/wasm',
    ],
  },
  'functions/delivery': { may: ['shared/audio', 'shared/errors.ts'] },
  'functions/voices': {
    may: ['functions/staged', 'types:functions/backend', 'shared/bark', 'shared/errors.ts'],
  },
  'functions/staged': { may: ['shared/errors.ts'] },
  'functions/text': { may: ['shared/text', 'shared/bark', 'shared/errors.ts'] },

  'gpu-backend/main.ts': { may: ['gpu-backend', 'shared'], packages: ['node:'] },
  'gpu-backend/clock.ts': { may: [] },
  'gpu-backend/playback.ts': { may: [] },
  'gpu-backend/config.ts': {
    may: ['gpu-backend/server', 'gpu-backend/hub', 'types:gpu-backend/models'],
    packages: ['node:'],
  },
  'gpu-backend/processor': {
    may: ['gpu-backend/checkpoint', 'gpu-backend/hub', 'shared/bark', 'shared/text'],
    packages: ['node:', 'zod/mini'],
  },
  'gpu-backend/hub': { may: [], packages: ['node:', 'zod/mini'] },
  'gpu-backend/voices': {
    may: [
      'types:gpu-backend/checkpoint',
      'types:gpu-backend/models',
      'gpu-backend/pipeline',
      'shared/bark',
      'shared/audio',
    ],
    packages: ['fflate'],
  },
  'gpu-backend/library': { may: ['gpu-backend', 'shared'], packages: ['node:'] },
  'gpu-backend/cli': {
    may: ['gpu-backend', 'shared'],
    packages: ['node:', '@commander-js/extra-typings'],
  },
  'gpu-backend/checkpoint': { may: ['shared/bark'], packages: ['zod/mini', 'yauzl', 'node:'] },
  'gpu-backend/graph': {
    may: ['types:gpu-backend/checkpoint', 'shared/bark', 'types:shared/codec'],
    packages: ['@bufbuild/protobuf/wire'],
  },
  'gpu-backend/pipeline': {
    may: ['types:gpu-backend/checkpoint', 'shared/bark', 'shared/codec', 'types:shared/protocol'],
  },
  'gpu-backend/models': {
    may: [
      'gpu-backend/pipeline',
      'gpu-backend/graph',
      'gpu-backend/checkpoint',
      'shared/bark',
      'shared/codec',
    ],
    packages: ['onnxruntime-node', 'onnxruntime-web', 'koffi', 'node:'],
  },
  'gpu-backend/inference': {
    may: [
      'gpu-backend/clock.ts',
      'gpu-backend/playback.ts',
      'gpu-backend/pipeline',
      'gpu-backend/models',
      'gpu-backend/checkpoint',
      'shared',
    ],
    packages: ['node:worker_threads', 'node:crypto'],
  },
  'gpu-backend/server': {
    may: [
      'gpu-backend/clock.ts',
      'gpu-backend/playback.ts',
      'types:gpu-backend/pipeline',
      'shared/protocol',
      'shared/errors.ts',
      'shared/bark',
      'shared/codec',
    ],
    packages: ['ws', 'node:'],
  },
};

interface Import {
  readonly file: string;
  readonly target: string;
  readonly isType: boolean;
}

function sourceFiles(area: string): string[] {
  return readdirSync(join(ROOT, area), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.endsWith('.d.ts'))
    .map((name) => posix.join(area, name.replaceAll('\\', '/')));
}

function importsOf(file: string): Import[] {
  const source = readFileSync(join(ROOT, file), 'utf8');
  const pattern =
    /^(?:import|export)\s+(type\s+)?(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]/gm;
  return Array.from(source.matchAll(pattern), ([, type, name = '', dynamic = '']) => ({
    file,
    target: resolved(file, name || dynamic),
    isType: type !== undefined,
  }));
}

function resolved(file: string, name: string): string {
  if (name.startsWith('#shared/')) return name.replace('#', '');
  if (!name.startsWith('.')) return `package ${name}`;
  return relative(ROOT, join(ROOT, dirname(file), name)).replaceAll('\\', '/');
}

function ruling(file: string): [string, Law] {
  const prefix = Object.keys(LAW)
    .filter((key) => file === key || file.startsWith(`${key}/`))
    .toSorted((a, b) => b.length - a.length)[0];
  if (prefix === undefined) throw new Error(`${file} lies in no folder that the law knows.`);
  return [prefix, LAW[prefix] as Law];
}

function isWithin(target: string, place: string): boolean {
  return target === place || target.startsWith(`${place}/`);
}

function isLawful({ file, target, isType }: Import): boolean {
  const [prefix, { may, packages = [] }] = ruling(file);
  if (target.startsWith('package ')) {
    const name = target.slice('package '.length);
    return packages.some((rule) => {
      const allowed = rule.startsWith('types:') ? rule.slice('types:'.length) : rule;
      const matches = allowed.endsWith(':') ? name.startsWith(allowed) : isWithin(name, allowed);
      return matches && (isType || allowed === rule);
    });
  }
  if (isWithin(target, prefix)) return true;
  return may.some((place) =>
    place.startsWith('types:')
      ? isType && isWithin(target, place.slice('types:'.length))
      : isWithin(target, place),
  );
}

describe('the law', () => {
  const imports = ['shared', 'functions', 'gpu-backend'].flatMap(sourceFiles).flatMap(importsOf);

  test('every import is one that the table allows', () => {
    const unlawful = imports.filter((one) => !isLawful(one));
    expect(
      unlawful.map(({ file, target, isType }) => `${file} -> ${isType ? 'type ' : ''}${target}`),
    ).toEqual([]);
    expect(imports.length).toBeGreaterThan(100);
  });

  test('it would notice the pipeline reaching for ONNX Runtime, the edge for the backend, a route for a socket', () => {
    const file = 'gpu-backend/pipeline/synthesize.ts';
    expect(isLawful({ file, target: 'package onnxruntime-node', isType: false })).toBe(false);
    expect(isLawful({ file, target: 'gpu-backend/checkpoint/config.ts', isType: false })).toBe(
      false,
    );
    expect(
      isLawful({ file: 'functions/app.ts', target: 'gpu-backend/main.ts', isType: true }),
    ).toBe(false);
    expect(
      isLawful({
        file: 'functions/routes/speech.ts',
        target: 'functions/backend/fetch-socket.ts',
        isType: false,
      }),
    ).toBe(false);
    expect(
      isLawful({ file: 'shared/bark/voice.ts', target: 'package node:fs', isType: false }),
    ).toBe(false);
  });
});
