import { InvalidArgumentError, Option, type Command } from 'commander';
import { parseDeleteLimit } from '../../model/delete-limit.ts';
import { parseDuration } from '../../model/duration.ts';
import { planFeatures } from '../../plan/fail-on.ts';
import { formatNames, formats } from '../../report/format.ts';

/** Which driver runs everything, whatever the manifests say. */
export function driverOption(): Option {
  return new Option('--driver <name>', 'run all agents with this driver').choices(['docker', 'process']);
}

/** How the result is printed; the first choice is the default. */
export function formatOption(...choices: readonly string[]): Option {
  return new Option('--format <format>', 'how to print the result').choices(choices).default(choices[0]);
}

/** Every format that a plan, its drift or what is wrong with manifests can be told in. */
export function reportFormatOption(): Option {
  return formatOption(...formats);
}

/** Adds the options by which one run tells its result in several formats. */
export function addOutputOptions(command: Command): void {
  for (const format of formats) {
    command.addOption(
      format === 'github'
        ? new Option('--out-github', 'annotations, and the summary and outputs of a step of GitHub Actions')
        : new Option(`--out-${format} <file>`, `write the result to a file, too, as ${formatNames[format]}`),
    );
  }
}

/** Adds the options that name the plan that was approved. */
export function addExpectationOptions(command: Command): void {
  command
    .option('--expect <digest>', 'carry the plan out if it has this digest, refuse it if not')
    .option('--expect-plan <file>', 'the same, for the plan in a file that `aac plan --out` saved');
}

/** The agents a plan is narrowed to. */
export function targetOption(): Option {
  return new Option('--target <agent>', 'only this agent and what it depends on; may be repeated').argParser(collect);
}

/** The agents a plan leaves alone. */
export function excludeOption(): Option {
  return new Option('--exclude <agent>', 'everything but this agent; may be repeated').argParser(collect);
}

/** How many agents may be deleted. */
export function maxDeleteOption(): Option {
  return new Option('--max-delete <limit>', 'refuse to delete more agents than `3` or `20%`').argParser((text) => {
    const limit = parseDeleteLimit(text);
    if (!limit.ok) throw new InvalidArgumentError(limit.error.hint ?? limit.error.message);
    return limit.value;
  });
}

/** That whatever is deleted is meant to be. */
export function allowDeleteOption(): Option {
  return new Option('--allow-delete', 'delete however many agents are not declared any more').default(false);
}

/** What a plan must not hold. */
export function failOnOption(): Option {
  const known = Object.keys(planFeatures);
  return new Option('--fail-on <what>', `an error when the plan holds any of: ${known.join(', ')}`).argParser(
    (text: string, previous: readonly string[] | undefined) => {
      const features = text.split(',').map((feature) => feature.trim());
      const unknown = features.find((feature) => !known.includes(feature));
      if (unknown !== undefined) throw new InvalidArgumentError(`it takes any of ${known.join(', ')}`);
      return [...(previous ?? []), ...features];
    },
  );
}

/** The agents to replace although nothing differs. */
export function replaceOption(): Option {
  return new Option('--replace <agent>', 'replace this agent although nothing differs; may be repeated').argParser(
    collect,
  );
}

/** Whether secrets are read. */
export function secretsOption(): Option {
  return new Option('--secrets <how>', 'unchanged: do not read secrets and take them for unchanged, with a warning')
    .choices(['read', 'unchanged'])
    .default('read');
}

/** The number of calls at once. */
export function parallelismOption(): Option {
  return new Option('--parallelism <count>', 'at most so many calls at once').argParser(wholeNumber(1));
}

/** The patience with an agent that gets ready. */
export function waitTimeoutOption(): Option {
  return new Option('--wait-timeout <duration>', 'wait at most so long for an agent to get ready').argParser(duration);
}

/** The patience with one engine call. */
export function callTimeoutOption(): Option {
  return new Option('--call-timeout <duration>', 'give up on an engine call that takes longer').argParser(duration);
}

/** An option that may be repeated. */
export function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

/** Reads a whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    if (!/^\d+$/.test(text) || Number(text) < least) {
      throw new InvalidArgumentError(`it takes a whole number from ${String(least)}`);
    }
    return Number(text);
  };
}

/** Reads a duration as milliseconds. */
export function duration(text: string): number {
  const parsed = parseDuration(text);
  if (!parsed.ok) throw new InvalidArgumentError('it takes a duration such as `30s` or `1m30s`');
  return parsed.value;
}

/** Reads a time, as milliseconds since the epoch: a duration counts back from `now`, else it stands in RFC 3339. */
export function pointInTime(now: () => number): (text: string) => number {
  return (text) => {
    const parsed = parseDuration(text);
    if (parsed.ok) return now() - parsed.value;
    const time = rfc3339.test(text) ? Date.parse(text.replace(' ', 'T')) : NaN;
    if (Number.isNaN(time)) {
      throw new InvalidArgumentError('it takes a duration such as `10m` or a time such as `2026-01-31T09:30:00Z`');
    }
    return time;
  };
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** Reads a regular expression in the notation of JavaScript. */
export function regularExpression(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

/** Reads `127.0.0.1:9464`, `[::1]:9464` or `:9464`, which is the loopback; port 0 is any free one. */
export function listenAddress(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([\w.-]+)?):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65_535) throw new InvalidArgumentError('it takes an address such as `127.0.0.1:9464`');
  return { host: match[1] ?? match[2] ?? '127.0.0.1', port };
}
