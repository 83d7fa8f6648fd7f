import type { Command, Option } from 'commander';

/** A word that may come next, and a few words on it. */
export interface Candidate {
  readonly word: string;
  readonly description: string;
}

/** What may come next. `files`: the shell is to offer names of files as well. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly files: boolean;
}

/**
 * What may take the place of the last of `words`, the one being typed: commands, options and what they choose from,
 * and `agents` where names of agents are asked for.
 */
export function complete(program: Command, words: readonly string[], agents: readonly string[]): Completion {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const { command, rest, after } = follow(program, before);
  if (after) return beginningWith(typed, valuesOf(after, agents));
  const [, name, value] = /^(--[\w-]+)=(.*)$/s.exec(typed) ?? [];
  if (name !== undefined && value !== undefined) {
    const option = command.options.find(({ long }) => long === name);
    const { candidates } = beginningWith(value, option ? valuesOf(option, agents) : nothing);
    return { candidates: candidates.map((each) => ({ ...each, word: `${name}=${each.word}` })), files: false };
  }
  if (typed.startsWith('-')) return beginningWith(typed, { candidates: optionsOf(command), files: false });
  if (command === program) return beginningWith(typed, { candidates: commandsOf(program), files: false });
  if (command.commands.length > 0 && rest === 0) {
    return beginningWith(typed, { candidates: commandsOf(command), files: false });
  }
  const { registeredArguments } = command;
  const argument =
    registeredArguments[rest] ?? (registeredArguments.at(-1)?.variadic ? registeredArguments.at(-1) : undefined);
  if (!argument) return nothing;
  return beginningWith(typed, wordsFor(argument.name(), argument.argChoices, agents));
}

const nothing: Completion = { candidates: [], files: false };

/** The command that the words name, how many arguments it has already, and the option that waits for its value. */
function follow(
  program: Command,
  words: readonly string[],
): { readonly command: Command; readonly rest: number; readonly after?: Option } {
  let command = program;
  let rest = 0;
  let after: Option | undefined;
  for (const word of words) {
    if (after) after = undefined;
    else if (word.startsWith('-')) {
      const option = command.options.find(({ long, short }) => word === long || word === short);
      if (option?.required) after = option;
    } else {
      const named =
        rest === 0 ? command.commands.find((each) => [each.name(), ...each.aliases()].includes(word)) : undefined;
      if (named) command = named;
      else rest += 1;
    }
  }
  return { command, rest, ...(after ? { after } : {}) };
}

function commandsOf(command: Command): readonly Candidate[] {
  const visible = command.createHelp().visibleCommands(command);
  return visible.map((each) => ({ word: each.name(), description: each.description() }));
}

function optionsOf(command: Command): readonly Candidate[] {
  const visible = command.createHelp().visibleOptions(command);
  return visible.flatMap(({ long, short, description }) =>
    [long, short].flatMap((word) => (word === undefined ? [] : [{ word, description }])),
  );
}

function valuesOf(option: Option, agents: readonly string[]): Completion {
  const [, name = ''] = /[<[]([\w-]+)/.exec(option.flags) ?? [];
  return wordsFor(name, option.argChoices, agents);
}

/** By the name of what is asked for, as help shows it. */
function wordsFor(name: string, choices: readonly string[] | undefined, agents: readonly string[]): Completion {
  const words = choices ?? (/^(?:agent|agents|name|names)$/.test(name) ? agents : []);
  return {
    candidates: words.map((word) => ({ word, description: '' })),
    files: /^(?:path|file|folder|directory)$/.test(name),
  };
}

function beginningWith(typed: string, { candidates, files }: Completion): Completion {
  return { candidates: candidates.filter(({ word }) => word.startsWith(typed)), files };
}
