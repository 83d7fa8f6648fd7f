import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { CommandContext } from '../../src/cli/context.ts';
import { buildProgram } from '../../src/cli/program.ts';
import type { Rig } from '../support/rig.ts';

/** How an example is run where it does not just end with 0 in a project that is applied. */
export interface Course {
  /** Lines of shell before it, in its folder. */
  readonly before?: readonly string[];
  /** What is typed once the terminal shows something. */
  readonly types?: readonly (readonly [shown: RegExp, text: string])[];
  /** In a folder without manifests. */
  readonly elsewhere?: boolean;
  /** It leaves the project other than it was applied: lines of shell that put it right. */
  readonly after?: readonly string[];
}

/** A command's full name and the examples that close its help. */
export interface Examples {
  readonly command: string;
  readonly lines: readonly string[];
}

/** What a terminal sends for Ctrl-C. */
export const ctrlC = '\x03';

/** The examples of every command that help shows. */
export function allExamples(): readonly Examples[] {
  let printed = '';
  const terminal = { out: (text: string) => (printed += text), error: () => undefined };
  const context = { terminal } as unknown as CommandContext;
  const program = buildProgram(context, { finish: () => undefined, openLog: async () => undefined });
  const examplesOf = (parent: Command, path: string): readonly Examples[] =>
    parent
      .createHelp()
      .visibleCommands(parent)
      .flatMap((command: Command) => {
        printed = '';
        command.outputHelp();
        const lines = [...printed.matchAll(/^ {2}\$ (.*)$/gm)].map(([, line = '']) => line);
        const name = `${path}${command.name()}`;
        return [{ command: name, lines }, ...examplesOf(command, `${name} `)];
      });
  return examplesOf(program, '');
}

/** A folder to run examples in: `aac` on the path, `manifests/` with a project, `elsewhere/` without. */
export interface ExampleGround {
  /** Runs one line as it stands, on a terminal; throws with what was shown when it does not go as it should. */
  run(line: string, course: Course): Promise<void>;
  /** Runs a line of shell in the project's folder, which has to succeed. */
  prepare(line: string): Promise<void>;
}

/** Makes the folders of `rig` ready. `agents` are manifests by the name of the agent. */
export function prepareExamples(rig: Rig, agents: Readonly<Record<string, string>>): ExampleGround {
  const bin = join(rig.folder, 'bin');
  const home = join(rig.folder, 'home');
  for (const folder of [bin, join(home, '.config/systemd/user'), join(home, '.config/fish/completions')]) {
    mkdirSync(folder, { recursive: true });
  }
  symlinkSync(join(import.meta.dirname, '..', '..', 'bin', 'aac'), join(bin, 'aac'));
  rig.write({
    'manifests/aac.yaml': `apiVersion: agent.dev/v1\nkind: Project\nmetadata: { name: ${rig.workspace} }\n`,
    'elsewhere/server.js': 'console.log("listening");\nsetInterval(() => undefined, 1000);\n',
    ...Object.fromEntries(Object.entries(agents).map(([name, text]) => [`manifests/${name}.agent.yaml`, text])),
  });
  const environment = { PATH: `${bin}:${process.env.PATH ?? ''}`, HOME: home, GITHUB_ACTIONS: undefined };
  let scripts = 0;

  async function play(line: string, folder: string, types: Course['types'] = []): Promise<void> {
    const script = join(home, `example-${String(++scripts)}.sh`);
    writeFileSync(script, `${line}\n`);
    const shown = rig.with({ folder, environment }).onTerminal({ columns: 160, rows: 50, shell: true });
    await soon(shown.until(/\$ $/), () => `never showed a prompt:\n${shown.printed()}`); // what is typed before may be lost
    shown.type(`exec bash ${script}\r`);
    for (const [pattern, text] of types) {
      await soon(shown.until(pattern), () => `never showed ${String(pattern)}:\n${shown.printed()}`);
      shown.type(text);
    }
    const code = await soon(shown.ended, () => `did not end:\n${shown.printed()}`);
    const isEnded = types.at(-1)?.[1] === ctrlC;
    if (code !== 0 && !(isEnded && [130, 143].includes(code))) {
      throw new Error(`ended with ${String(code)}:\n${shown.printed()}`);
    }
  }

  return {
    prepare: (line) => play(line, 'manifests'),
    run: async (line, { before = [], types, elsewhere, after = [] }) => {
      const folder = elsewhere ? 'elsewhere' : line.includes('manifests/') ? '.' : 'manifests';
      for (const each of before) await play(each, folder);
      await play(line, folder, types);
      for (const each of after) await play(each, folder);
    },
  };
}

/** What a promise comes to; after a generous time without, an error that tells. */
async function soon<T>(promise: Promise<T>, tell: () => string): Promise<T> {
  const over = new AbortController();
  const late = delay(60_000, undefined, { signal: over.signal }).then(() => {
    throw new Error(tell());
  });
  return await Promise.race([promise, late]).finally(() => over.abort());
}
