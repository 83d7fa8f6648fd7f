import type { DriverName } from '../model/agent.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Facts, HeldPort, ObservedResource } from '../model/observed.ts';
import { groupBy } from '../util/group.ts';
import { isStarted, type Decision } from './decision.ts';
import { askedPorts, collide, formatHostPort, heldPorts, type AskedPort, type HostPort } from './ports.ts';
import { rangeAt } from './source.ts';

/** A fixed host port that a decision asks for. */
interface Claim {
  readonly decision: Decision;
  readonly port: AskedPort;
}

/** A host port that a standing object of the workspace holds. */
interface Holding {
  readonly port: HostPort;
  readonly object: ObservedResource;
  readonly stays: boolean;
}

/**
 * Finds host ports that cannot be had: held by a stranger or by one of ours that keeps it, or asked for twice in one
 * plan. `standing` is everything of the workspace that stands, also what the plan passes by.
 */
export function checkPorts(
  decisions: readonly Decision[],
  standing: readonly ObservedResource[],
  facts: ReadonlyMap<DriverName, Facts>,
): readonly Diagnostic[] {
  const claims = decisions.flatMap((decision): readonly Claim[] =>
    decision.kind === 'agent' && decision.desired && decision.bringUp.type !== 'nothing'
      ? askedPorts(decision.desired.spec).map((port) => ({ decision, port }))
      : [],
  );
  const urgent = claims.filter(({ decision }) => isStarted(decision));
  if (urgent.length === 0) return conflicts(claims);
  const going = new Set<ObservedResource>(decisions.flatMap(({ removals }) => removals.map(({ object }) => object)));
  const entries = standing.flatMap((object) =>
    heldPorts(object).map((port): Holding => ({ port, object, stays: !going.has(object) })),
  );
  const holdings = groupBy(entries, ({ port }) => port.port);
  const held = new Map([...facts].map(([driver, { ports }]) => [driver, groupBy(ports, ({ port }) => port)] as const));
  return [
    ...conflicts(claims),
    ...urgent.flatMap((claim) => {
      const { port } = claim.port;
      return holderOf(claim, holdings.get(port) ?? [], held.get(claim.decision.driver)?.get(port) ?? []);
    }),
  ];
}

/** Two claims of different agents on one port; replicas of one agent are told of their range instead. */
function conflicts(claims: readonly Claim[]): readonly Diagnostic[] {
  const byPort = new Map<number, Claim[]>();
  const found = new Map<string, Diagnostic>();
  for (const claim of claims) {
    const earlier = byPort.get(claim.port.port) ?? [];
    const template = claim.decision.desired?.template;
    const other = earlier.find(
      ({ decision, port }) => decision.desired?.template !== template && collide(port, claim.port),
    );
    byPort.set(claim.port.port, [...earlier, claim]);
    const rival = other?.decision.desired?.template;
    if (!other || !template || !rival) continue;
    const related = rival.source.locate(other.port.field);
    found.set(`${template.address} ${rival.address} ${formatHostPort(claim.port)}`, {
      code: 'port-conflict',
      severity: 'error',
      message: `\`${rival.address}\` and \`${template.address}\` both ask for host port ${formatHostPort(claim.port)}`,
      hint: 'give one of them another host port, or `host: 0` for any free one',
      address: template.address,
      ...rangeAt(template, claim.port.field),
      ...(related ? { related: [{ message: 'the other one', range: related }] } : {}),
    });
  }
  return [...found.values()];
}

/** An error when somebody holds the port who goes on holding it. */
function holderOf(
  { decision, port }: Claim,
  holdings: readonly Holding[],
  held: readonly HeldPort[],
): readonly Diagnostic[] {
  const { desired, bringUp } = decision;
  if (!desired) return [];
  const kept = bringUp.type === 'keep' ? bringUp.object : undefined;
  const ours = holdings.find((holding) => holding.stays && holding.object !== kept && collide(holding.port, port));
  // Another driver sees our object without knowing it for ours: then what the object publishes tells.
  const isOurs = (other: HeldPort): boolean =>
    holdings.some((holding) => holding.object.ref === other.ref || collide(holding.port, other));
  const stranger = held.find((other) => collide(other, port) && !isOurs(other));
  const holder = ours ? `\`${ours.object.address}\`` : stranger?.holder;
  if (holder === undefined) return [];
  return [
    {
      code: 'port-in-use',
      severity: 'error',
      message: `port ${formatHostPort(port)} is already in use by ${holder}`,
      hint: 'stop it, or give the agent another host port (`host: 0` for any free one)',
      address: decision.address,
      ...rangeAt(desired.template, port.field),
    },
  ];
}
