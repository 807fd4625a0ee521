/** The commands together: what was asked for is run, what went wrong is told in a sentence. */
import { Command, CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import {
  EXIT_FAILED,
  EXIT_INTERRUPTED,
  EXIT_OK,
  EXIT_USAGE,
  Interrupted,
  UsageError,
} from './cli-error.ts';
import { convertCommand } from './commands/convert.ts';
import { generateCommand } from './commands/generate.ts';
import { inspectCommand } from './commands/inspect.ts';
import { pullCommand } from './commands/pull.ts';
import { voiceCommand } from './commands/voice-create.ts';
import { voicesCommand } from './commands/voices.ts';
import { printableError } from './terminal/printable.ts';
import type { Terminal } from './terminal/terminal.ts';

const HELP_COLUMNS = 100;

/** Runs one command line, without the program's own name, and returns the exit status. */
export async function runBark(args: readonly string[], terminal: Terminal): Promise<number> {
  const printed: string[] = [];
  const program = new Command('bark')
    .description('Bark, a text-to-speech model, on this machine.')
    .option('--verbose', 'show where an error came from')
    .addHelpText(
      'after',
      `
In the repository type \`npx bark\` for \`bark\`. Begin with:
  $ bark generate "Hello" -o hello.wav
  $ bark pull suno/bark-small
  $ bark generate "Hello, my dog is cute" -m suno/bark-small -v v2/en_speaker_6
  $ bark help generate

Exit status: 0 done, 1 it did not work, 2 not understood, 130 interrupted.`,
    );
  program
    .addCommand(pullCommand(terminal))
    .addCommand(generateCommand(terminal))
    .addCommand(voicesCommand(terminal))
    .addCommand(voiceCommand(terminal))
    .addCommand(inspectCommand(terminal))
    .addCommand(convertCommand(terminal));
  configure(program, 'bark', terminal, printed);
  try {
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: 'user' });
    return args.length === 0 ? EXIT_USAGE : EXIT_OK;
  } catch (error) {
    return failure(error, program.opts().verbose === true, terminal);
  } finally {
    if (printed.length > 0) await terminal.out(printed.join(''));
  }
}

/** Nothing ends the process or writes by itself, in this command and in those below it. */
function configure(
  command: CommandUnknownOpts,
  name: string,
  terminal: Terminal,
  printed: string[],
): void {
  command
    .exitOverride()
    .showSuggestionAfterError(true)
    .configureOutput({
      writeOut: (text) => void printed.push(text),
      writeErr: (text) => terminal.err(text),
      getErrHelpWidth: () => HELP_COLUMNS,
      getOutHelpWidth: () => HELP_COLUMNS,
      outputError: (text, write) =>
        write(`${withoutValues(text).trimEnd()}\n${name} --help tells more\n`),
    });
  for (const one of command.commands) configure(one, `${name} ${one.name()}`, terminal, printed);
}

/** What commander says, but for the value of an option that it does not know: it may be a token. */
function withoutValues(text: string): string {
  return text.replace(/^error: /, 'bark: ').replace(/(unknown option '[^'=]*)=[^']*'/, "$1=...'");
}

function failure(error: unknown, isVerbose: boolean, { err, signal }: Terminal): number {
  if (error instanceof CommanderError) {
    // help and version end the parsing too; what was wrong has been told already
    return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
  }
  if (error instanceof Interrupted || signal.aborted) {
    err('interrupted\n');
    return EXIT_INTERRUPTED;
  }
  err(`bark: ${printableError(error)}\n`);
  if (isVerbose) err(`${error instanceof Error ? describe(error) : ''}\n`);
  return error instanceof UsageError ? EXIT_USAGE : EXIT_FAILED;
}

/** Where it came from, through all causes. */
function describe(error: Error): string {
  const stack = error.stack ?? error.message;
  return error.cause instanceof Error ? `${stack}\ncaused by ${describe(error.cause)}` : stack;
}
