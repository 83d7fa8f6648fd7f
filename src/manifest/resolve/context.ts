import { agentTemplate } from '../../model/address.ts';
import type { DiagnosticCode } from '../../model/codes.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Profiles } from '../profiles.ts';
import type { Variables } from '../interpolate.ts';
import { locate, type Place } from '../locate.ts';
import type { Path } from '../source-tree.ts';
import { placeOf, type Layer, type MergedSpec } from './layers.ts';

/** What every part of an agent is resolved with. */
export interface ResolveContext {
  readonly name: string;
  readonly merged: MergedSpec;
  readonly variables: Variables;
  /** Networks of the project. */
  readonly networks: readonly string[];
  /** All agents of the project, faulty ones too. */
  readonly agentNames: ReadonlySet<string>;
  readonly profiles: Profiles;
  readonly reporter: Reporter;
  /** The variables whose values the manifest shows openly. */
  readonly publicVariables: Set<string>;
}

/** What else a diagnostic may say. */
export interface Remark {
  readonly hint?: string | undefined;
  readonly related?: readonly { readonly message: string; readonly place: Place }[];
  readonly part?: 'key' | 'value';
  /** Sections of the spec that something is missing in: a faulty field there may be the very thing. */
  readonly missingIn?: readonly Path[];
}

/** Takes what is wrong with one agent. */
export interface Reporter {
  error(code: DiagnosticCode, message: string, place: Place, remark?: Remark): void;
  warning(code: DiagnosticCode, message: string, place: Place, remark?: Remark): void;
  /** Whether an error was told. */
  failed(): boolean;
}

/** A reporter that adds to `diagnostics`, but keeps quiet about what only follows from a fault of the shape. */
export function createReporter(name: string, layers: readonly Layer[], diagnostics: Diagnostic[]): Reporter {
  let failed = false;
  const report =
    (severity: Diagnostic['severity']): Reporter['error'] =>
    (code, message, place, { hint, related, part, missingIn = [] } = {}) => {
      if (severity === 'error') failed = true;
      if (follows(layers, place, missingIn)) return;
      diagnostics.push({
        code,
        severity,
        message,
        ...(hint === undefined ? {} : { hint }),
        range: locate(place, part),
        address: agentTemplate(name),
        ...(related
          ? { related: related.map(({ message: text, place: other }) => ({ message: text, range: locate(other) })) }
          : {}),
      });
    };
  return { error: report('error'), warning: report('warning'), failed: () => failed };
}

/** The place of a field in the words of the spec; the document where nothing of it is written. */
export function fieldPlace({ merged }: Pick<ResolveContext, 'merged'>, ...path: Path): Place {
  const place = placeOf(merged.layers, path);
  if (!place) throw new Error('an agent has at least its own layer');
  return place;
}

/** A field below a place. */
export function below({ document, path }: Place, ...more: Path): Place {
  return { document, path: [...path, ...more] };
}

function follows(layers: readonly Layer[], place: Place, missingIn: readonly Path[]): boolean {
  return layers.some(({ document, prefix, faults }) =>
    faults.some((fault) => {
      if (document === place.document && overlap(fault, place.path)) return true;
      return missingIn.some((section) => {
        const full = [...prefix, ...section];
        return fault.length === full.length + 1 && overlap(fault, full);
      });
    }),
  );
}

function overlap(left: Path, right: Path): boolean {
  const length = Math.min(left.length, right.length);
  return left.slice(0, length).every((segment, index) => segment === right[index]);
}
