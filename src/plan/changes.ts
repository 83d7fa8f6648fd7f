import { isEdge, parseAddress } from '../model/address.ts';
import { fieldPath } from '../model/field-path.ts';
import type { Facts } from '../model/observed.ts';
import type { Change } from '../model/plan.ts';
import { isRunning } from '../model/version.ts';
import { isJsonObject, type JsonObject } from '../util/json.ts';
import type { Decision } from './decision.ts';
import type { Lowered } from './lower.ts';
import { askedPorts, collide, formatHostPort, heldPorts, isWildcard, protocolOf } from './ports.ts';
import { nameField, sourceAt } from './source.ts';

/** What people are told of a decision, and of what lowering made of it. */
export function toChange(
  decision: Decision,
  lowered: Pick<Lowered, 'interrupted' | 'handovers'>,
  facts: Facts | undefined,
): Change {
  const { address, driver, action, cause, fields, approval, notes } = decision;
  return {
    address,
    driver,
    action,
    cause,
    fields,
    ...(approval ? { approval } : {}),
    ...sourceOf(decision),
    notes: [
      ...notes,
      ...interruptionNotes(decision, lowered),
      ...renameNotes(decision),
      ...nameNotes(decision),
      ...leftoverNotes(decision),
      ...openPorts(decision),
      ...imageNotes(decision, facts),
    ],
  };
}

/** The line that causes a change: that of the field that forces it, of the first field, or of the agent itself. */
function sourceOf({ action, approval, fields, cause, desired, shrunk }: Decision): Pick<Change, 'source'> {
  if (shrunk) return sourceAt(shrunk, fieldPath('replicas'));
  if (!desired || (action === 'no-op' && !approval)) return {};
  const { template } = desired;
  const field = fields.find(({ forcesReplacement }) => forcesReplacement) ?? fields[0];
  if (field?.source) return { source: field.source };
  if (cause.type === 'image-moved') return sourceAt(template, fieldPath('image'));
  return sourceAt(template, cause.type === 'scaled-up' ? fieldPath('replicas') : nameField);
}

/** What is not there for a while, and how long: what runs stops before its successor starts, or a port moves. */
function interruptionNotes(
  { address, desired, removals }: Decision,
  { interrupted, handovers }: Pick<Lowered, 'interrupted' | 'handovers'>,
): readonly string[] {
  const moves = (handovers.get(address) ?? []).map(({ port, from }) => {
    const until = isEdge(address) ? 'for a second or two' : 'until this answers there';
    return `host port ${formatHostPort(port)} moves here from \`${from}\`: not there ${until}, open connections are cut`;
  });
  if (!interrupted.has(address)) return moves;
  if (!isEdge(address)) return ['downtime: stopped before the new one starts', ...moves];
  const held = removals.flatMap(({ object }) => heldPorts(object));
  const ports = askedPorts(desired?.spec ?? {})
    .filter((port) => held.some((other) => collide(other, port)))
    .map(formatHostPort);
  const what = ports.length === 0 ? 'the way out' : `host port${ports.length > 1 ? 's' : ''} ${ports.join(', ')}`;
  return [
    `${what} ${ports.length > 1 ? 'are' : 'is'} not there for a second or two, open connections are cut`,
    ...moves,
  ];
}

/** What the agent was called when its object was made, and that nothing comes of it where nothing else differs. */
function renameNotes({ address, bringUp, current, removals }: Decision): readonly string[] {
  const objects = [...(current ? [current] : []), ...removals.map(({ object }) => object)];
  const before = objects.find(({ record }) => record.address !== address)?.record.address;
  if (before === undefined) return [];
  const goesOn = bringUp.type === 'keep' && !bringUp.update && !bringUp.start && removals.length === 0;
  return [`renamed from \`${parseAddress(before)?.name ?? before}\`${goesOn ? ', and goes on as it is' : ''}`];
}

/** That an old one is called by name until it stops, where a rollout would otherwise see to it that no request fails. */
function nameNotes({ bringUp, removals, desired }: Decision): readonly string[] {
  if (bringUp.type === 'nothing' || desired?.template.routes !== true) return [];
  const keeps = removals.some(({ object }) => object.keepsNames && object.routed === true && isRunning(object));
  return keeps ? ['requests by name may fail while the old one stops: its network keeps no address for it'] : [];
}

/** That something else than the standing object of an address goes: no field would explain it. */
function leftoverNotes({ bringUp, removals }: Decision): readonly string[] {
  if (bringUp.type !== 'keep') return [];
  return removals.map(({ object }) => `removes \`${object.name}\`, generation ${String(object.record.generation)}`);
}

/** `open to the network: 8080/tcp`, where a new object publishes ports on every interface. */
function openPorts({ bringUp }: Decision): readonly string[] {
  if (bringUp.type !== 'create') return [];
  const open = openOf(bringUp.desired.spec);
  return open.length === 0 ? [] : [`open to the network: ${open.join(', ')}`];
}

/** Which image it will be to the bit; one that is pulled first, or has no digest to go by, cannot be told. */
function imageNotes({ bringUp }: Decision, facts: Facts | undefined): readonly string[] {
  const image = bringUp.type === 'create' ? bringUp.desired.template.image : undefined;
  if (!image || !facts?.imageDetails || image.name.includes('@')) return [];
  const details = facts.imageDetails.get(image.name);
  if (!details || image.pullPolicy === 'Always') return image.pullPolicy === 'Never' ? [] : ['image: known after pull'];
  return details.digest === undefined ? [] : [`image: ${details.digest}`];
}

function openOf(spec: JsonObject): readonly string[] {
  const { ports } = spec;
  if (!isJsonObject(ports)) return [];
  return Object.keys(ports)
    .sort()
    .flatMap((key) => {
      const published = ports[key];
      if (!isJsonObject(published) || !isWildcard(typeof published.hostIp === 'string' ? published.hostIp : ''))
        return [];
      const { host } = published;
      if (typeof host !== 'number' || host === 0) return [`${key} on any free port`];
      return [`${String(host)}/${protocolOf(key)}`];
    });
}
