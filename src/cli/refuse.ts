import type { Diagnostic } from '../model/diagnostic.ts';
import type { ExecuteOptions } from './carry-out.ts';
import type { CommandContext } from './context.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { printRefusal } from './present.ts';

/** What a refusal is about, as far as it is known. */
export interface Refused {
  readonly workspace?: string;
  readonly texts?: ReadonlyMap<string, string>;
  /** People have read it already. */
  readonly isPrinted?: boolean;
}

/** Says why nothing is carried out, in every way that the command line asked for. */
export async function refuse(
  { terminal }: CommandContext,
  { format, report }: Pick<ExecuteOptions, 'format' | 'report'>,
  diagnostics: readonly Diagnostic[],
  { workspace = '', texts = new Map(), isPrinted = false }: Refused = {},
): Promise<ExitCode> {
  if (!isPrinted) printRefusal(terminal, diagnostics, texts, format);
  await report?.({ type: 'refusal', diagnostics, workspace }, texts);
  return exitCodes.failed;
}
