import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';

type Run<Options> = (context: CommandContext, argument: never, options: Options) => Promise<number>;

/** Makes commands: what their declarations share. */
export interface Declarer {
  /** A command with its one-line description, of aac or of another command; the examples close its help. */
  readonly command: (name: string, description: string, examples: readonly string[], parent?: Command) => Command;
  /** An action whose module is loaded only when the command runs. */
  readonly run: <Options>(load: () => Promise<Run<Options>>) => (argument: unknown, options: Options) => Promise<void>;
}
