import { appendFile, stat, writeFile } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Format } from '../report/format.ts';
import type { RenderOptions, Subject } from '../report/render.ts';
import { err, ok, type Result } from '../util/result.ts';
import type { ExecuteOptions } from './carry-out.ts';
import type { CommandContext } from './context.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { outputOptionNames, unwritable } from './output-files.ts';
import { printRefusal, printSubject } from './present.ts';
import { version } from './version.ts';

/** Where else a result goes, as commander hands it over: `--out-markdown FILE`, `--out-github`. */
export interface OutputOptions {
  readonly outText?: string;
  readonly outJson?: string;
  readonly outJsonl?: string;
  readonly outMarkdown?: string;
  readonly outSarif?: string;
  readonly outJunit?: string;
  readonly outGithub?: boolean;
}

/** How a result is printed, and where else it goes. */
export interface ReportOptions extends OutputOptions {
  readonly format: Format;
}

/** Tells a result in every way that the command line asked for. */
export interface Reporter {
  /** Prints it, and writes it. */
  readonly tell: (subject: Subject, texts: ReadonlyMap<string, string>) => Promise<void>;
  /** Writes every file, for those who print by themselves. */
  readonly write: (subject: Subject, texts: ReadonlyMap<string, string>) => Promise<void>;
}

/**
 * A reporter, once every file it is to write is known to be writable: nothing that takes long or changes anything has
 * happened before.
 */
export async function openReporter(
  { terminal, surroundings }: CommandContext,
  options: ReportOptions & { readonly out?: string },
): Promise<Result<Reporter, readonly Diagnostic[]>> {
  const { cwd, environment } = surroundings;
  const files = outputOptionNames.flatMap(([name, format]) => {
    const file = options[name];
    return file === undefined ? [] : [{ format, file: resolve(cwd, file), written: file }];
  });
  const saved = options.out === undefined ? [] : [{ file: resolve(cwd, options.out), written: options.out }];
  const problems = await unwritable([...saved, ...files]);
  if (problems.length > 0) return err(problems);

  const isGithub = options.format === 'github' || options.outGithub === true;
  const { format: printed } = options;
  const write: Reporter['write'] = async (subject, texts) => {
    if (files.length === 0 && !isGithub) return; // the formats need not be loaded
    const { render, githubSummary } = await import('../report/render.ts');
    const how = renderOptions(texts);
    for (const { file, format } of files) await writeText(file, render(subject, format, how));
    if (!isGithub) return;
    if (printed !== 'github') terminal.error(render(subject, 'github', how));
    await appendTo('GITHUB_STEP_SUMMARY', (room) => githubSummary(subject, room, how));
    const { githubOutputs } = await import('../report/github.ts');
    const plan = 'plan' in subject ? subject.plan : 'report' in subject ? subject.report.plan : undefined;
    if (plan) await appendTo('GITHUB_OUTPUT', () => githubOutputs(plan));
  };
  return ok({
    write,
    tell: async (subject, texts) => {
      if (printed === 'text' || printed === 'json') printSubject(terminal, subject, texts, printed);
      else terminal.out((await import('../report/render.ts')).render(subject, printed, renderOptions(texts)));
      await write(subject, texts);
    },
  });

  function renderOptions(texts: ReadonlyMap<string, string>): RenderOptions {
    const place = placeFrom(environment.GITHUB_WORKSPACE ?? environment.CI_PROJECT_DIR, cwd);
    return { version, texts, place, redact: (text) => terminal.redacted(text) };
  }

  /** Appends to a file that GitHub names, which earlier commands of the step may have begun. */
  async function appendTo(variable: string, text: (room: number) => string): Promise<void> {
    const file = environment[variable];
    if (!file) {
      terminal.error(
        `note: \`${variable}\` is not set, as it is in a step of GitHub Actions: nothing was written there\n`,
      );
      return;
    }
    const used = await stat(file).then(
      ({ size }) => size,
      () => 0,
    );
    const { summaryBudget } = await import('../report/github.ts');
    await appendFile(file, text(summaryBudget.limit - used));
  }
}

/**
 * Runs a command that prints by itself, and gives it `report` for everything that is written beside that. Nothing runs
 * where a file cannot be written.
 */
export async function reporting<Options extends OutputOptions & Pick<ExecuteOptions, 'format'>>(
  context: CommandContext,
  options: Options,
  run: (options: Options & Pick<ExecuteOptions, 'report'>) => Promise<ExitCode>,
): Promise<ExitCode> {
  const reporter = await openReporter(context, options);
  if (!reporter.ok) {
    printRefusal(context.terminal, reporter.error, new Map(), options.format);
    return exitCodes.failed;
  }
  return await run({ ...options, report: reporter.value.write });
}

/** Replaces a file as a whole; what is no file, such as a pipe, is written to. */
async function writeText(file: string, text: string): Promise<void> {
  const isSpecial = await stat(file).then(
    (stats) => !stats.isFile(),
    () => false,
  );
  await (isSpecial ? writeFile(file, text) : writeFileAtomic(file, text));
}

/** Makes a path as it was typed one from `root`, the checkout that a CI works in; without one it stays as it is. */
export function placeFrom(root: string | undefined, cwd: string): (file: string) => string {
  if (!root) return (file) => file;
  return (file) => {
    const path = relative(root, isAbsolute(file) ? file : join(cwd, file));
    return path.startsWith('..') || isAbsolute(path) ? file : path;
  };
}
