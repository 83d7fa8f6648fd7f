import { isDeepStrictEqual } from 'node:util';
import { edgeGiven, type EdgeDocument } from '../../model/edge.ts';
import { fieldPath, fieldSegments, type FieldPath } from '../../model/field-path.ts';
import type { DriverError } from '../../model/outcome.ts';
import type { Call } from '../../model/plan.ts';
import { toAgentSpec } from '../../model/spec.ts';
import type { Clock } from '../../util/clock.ts';
import { equalJson, type Json } from '../../util/json.ts';
import { err, ok } from '../../util/result.ts';
import type { ExecuteContext } from '../driver.ts';
import { askEdge } from './edge-ask.ts';
import { edgeResolvers } from './edge-compile.ts';
import { giveDocument, withGivenDocument } from './edge-document.ts';
import { letsOut } from './edge-resolvers.ts';
import type { Answer, Engine } from './engine.ts';
import type { ContainerDetails } from './engine-types.ts';
import { attachedName } from './network.ts';
import { readRecord } from './record.ts';
import { reattach } from './route.ts';
import { findContainer, goneError } from './target.ts';
import { updateContainer } from './update-container.ts';

type UpdateCall = Extract<Call, { readonly verb: 'update' }>;

const documentPath = fieldPath('environment', edgeGiven.variable);

/** Milliseconds between two questions whether an edge has taken up what it was given, and how many there are. */
const [askAgainAfter, questions] = [250, 40];

/**
 * Changes what an edge knows and the names it goes by while it runs: nothing that it forwards is cut, and of the agents
 * whose network it is given other names on, what is open there outlives the moment.
 */
export async function updateEdge(
  engine: Engine,
  call: UpdateCall,
  context: ExecuteContext,
  clock: Clock,
): Answer<{ readonly ref: string }> {
  const { signal } = context;
  const found = await findContainer(engine, call, context, signal);
  if (!found.ok) return found;
  if (!found.value) return err(goneError(call));
  const standing = await withGivenDocument(engine, found.value, signal);
  if (!standing.ok) return standing;
  const { [documentPath]: document, ...others } = call.fields;
  if (typeof document === 'string') {
    const given = await changeDocument(engine, standing.value, document, context, clock);
    if (!given.ok) return given;
  }
  const names = Object.entries(others).filter(([path]) => networkOf(path as FieldPath) !== undefined);
  for (const [path, aliases] of names) {
    const named = await rename(
      engine,
      standing.value,
      { network: networkOf(path as FieldPath) ?? '', aliases },
      context,
    );
    if (!named.ok) return named;
  }
  const rest = Object.entries(others).filter(([path]) => networkOf(path as FieldPath) === undefined);
  return updateContainer(engine, { ...call, fields: Object.fromEntries(rest) }, context);
}

/** Resolves once the edge acts on it. */
async function changeDocument(
  engine: Engine,
  { Id: ref, Config: config, State: state }: ContainerDetails,
  text: string,
  { signal }: ExecuteContext,
  clock: Clock,
): Answer<void> {
  if (config.Env?.includes(`${edgeGiven.variable}=${text}`)) return ok(undefined);
  if (letsOut(text) && !config.Env?.some((entry) => entry.startsWith(`${edgeResolvers}=`))) return err(deaf);
  const given = await giveDocument(engine, ref, text, signal);
  if (!given.ok || !state.Running) return given;
  const wanted = rulesIn(JSON.parse(text) as EdgeDocument);
  for (let question = 0; question < questions; question += 1) {
    const answer = await askEdge(engine, ref, { op: 'status' }, signal);
    if (answer.ok && answer.value.ok && isDeepStrictEqual(rulesIn(answer.value.status.document), wanted)) {
      return ok(undefined);
    }
    if (!answer.ok && answer.error.retry === 'terminal') return answer;
    await clock.sleep(askAgainAfter, signal);
  }
  return err({ code: 'not-ready', retry: 'transient', message: 'the edge has not taken up its new rules yet' });
}

/** It was made where no name servers were known, and nobody needed any. */
const deaf: DriverError = {
  code: 'invalid',
  retry: 'terminal',
  message: 'the edge was made without name servers, and now has names to ask for',
  hint: 'name them with `spec.edge.dns` of the project, or make it anew: `aac apply --replace edge/edge`',
  field: documentPath,
};

/** A document but for what the edge adds of its own: its name servers and its replicas. */
function rulesIn(document: EdgeDocument): EdgeDocument {
  return { ...document, resolvers: [], targets: {} };
}

/** The further network whose names a field holds. */
function networkOf(path: FieldPath): string | undefined {
  const [field, also, network, last] = fieldSegments(path);
  return field === 'network' && also === 'also' && last === 'aliases' ? network : undefined;
}

async function rename(
  engine: Engine,
  container: ContainerDetails,
  { network, aliases }: { readonly network: string; readonly aliases: Json },
  context: ExecuteContext,
): Answer<void> {
  const record = readRecord(container.Config.Labels);
  const attachment = record && toAgentSpec(record.lastApplied).network?.also?.[network];
  const name = attachment && attachedName(context.workspace, attachment);
  const endpoint = name === undefined ? undefined : container.NetworkSettings.Networks?.[name];
  if (name === undefined || !endpoint) return ok(undefined);
  const wanted = (aliases ?? []) as readonly string[];
  const own = (endpoint.Aliases ?? []).filter((alias) => !container.Id.startsWith(alias)).sort();
  if (equalJson(own, [...wanted])) return ok(undefined);
  const kept = { ...endpoint, IPAMConfig: { IPv4Address: endpoint.IPAddress } };
  return reattach(engine, container, { name, endpoint: kept, aliases: wanted }, context);
}
