import { agentTemplate, isEdge, parseAddress, type Address, type TemplateAddress } from '../model/address.ts';
import type { DriverName } from '../model/agent.ts';
import type { Health } from '../model/health.ts';
import type { ObservedResource, Phase, PublishedPort } from '../model/observed.ts';
import { assertNever } from '../util/assert-never.ts';
import { compareCodeUnits } from '../util/compare.ts';
import type { JsonObject } from '../util/json.ts';
import { reportFormatVersion, toDocument } from './document.ts';
import { edgePorts, edgePortsOf } from './edge-ports.ts';
import type { Paint, Style } from './style.ts';
import { cut, cutStart, displayWidth, padded, printable, widest } from './text.ts';
import { formatAge } from './units.ts';

/** One line of `aac ps`. */
export interface AgentRow {
  readonly address: Address;
  readonly agent: string;
  /** Absent for an agent that was started without a file. */
  readonly replica?: number;
  readonly driver: DriverName;
  /** `missing`: it is declared, and nothing of it stands; `forgotten`: it stands, and aac has let go of it. */
  readonly state: Phase | 'missing' | 'forgotten';
  readonly exitCode?: number;
  /** The driver's own words about the state. */
  readonly detail?: string;
  /** What `aac watch` is about to do with it, or why it has given up. */
  readonly supervision?: { readonly state: 'waiting' | 'restarting' | 'failed'; readonly because: string };
  readonly health: Health;
  readonly restarts: number;
  /** `0.0.0.0:8080->8080/tcp`. */
  readonly ports: readonly string[];
  /** Those that an edge holds for it; absent where there are none. */
  readonly edgePorts?: readonly string[];
  /** Milliseconds since it was started, else made; absent when nobody knows. */
  readonly age?: number;
  readonly image?: string;
}

/** The row of one observed agent among all that stand; `now` in milliseconds since the epoch. */
export function agentRow(observed: ObservedResource, now: number, all: readonly ObservedResource[] = []): AgentRow {
  const parts = parseAddress(observed.address);
  const since = Date.parse(observed.startedAt ?? observed.createdAt ?? '');
  const { image } = observed.record.lastApplied;
  const shared = portTexts(edgePortsOf(observed, edgePorts(all)));
  return {
    address: observed.address,
    agent: parts?.name ?? observed.address,
    ...(parts?.index === undefined ? {} : { replica: parts.index }),
    driver: observed.driver,
    state: observed.phase,
    ...(observed.exitCode === undefined ? {} : { exitCode: observed.exitCode }),
    ...(observed.detail === undefined ? {} : { detail: observed.detail }),
    ...supervisionOf(observed),
    health: observed.health,
    restarts: observed.restarts,
    ports: portTexts(observed.published),
    ...(shared.length > 0 ? { edgePorts: shared } : {}),
    ...(Number.isNaN(since) ? {} : { age: Math.max(0, now - since) }),
    ...(typeof image === 'string' ? { image } : {}),
  };
}

/** The row of a replica that is declared and of which nothing stands. */
export function missingRow({ address, driver, image }: Pick<AgentRow, 'address' | 'driver' | 'image'>): AgentRow {
  const parts = parseAddress(address);
  return {
    address,
    agent: parts?.name ?? address,
    ...(parts?.index === undefined ? {} : { replica: parts.index }),
    driver,
    state: 'missing',
    health: 'none',
    restarts: 0,
    ports: [],
    ...(image === undefined ? {} : { image }),
  };
}

/** The row of an agent that aac has let go of, however it does. */
export function forgottenRow(observed: ObservedResource, now: number): AgentRow {
  const { exitCode: _, detail: _detail, supervision: _supervision, ...row } = agentRow(observed, now);
  return { ...row, state: 'forgotten' };
}

/** The rows by agent and replica; those of one address stay as they are. */
export function byAddress(rows: readonly AgentRow[]): readonly AgentRow[] {
  return [...rows].sort(
    (left, right) => compareCodeUnits(left.agent, right.agent) || (left.replica ?? 0) - (right.replica ?? 0),
  );
}

function supervisionOf({ supervision }: ObservedResource): Pick<AgentRow, 'supervision'> {
  if (!supervision) return {};
  const { state } = supervision;
  switch (state.type) {
    case 'waiting':
    case 'restarting':
    case 'failed':
      return { supervision: { state: state.type, because: state.because } };
    case 'running':
    case 'done':
    case 'stopped':
      return {};
    default:
      return assertNever(state);
  }
}

/** The rows as a table without borders. Where it is too wide, images are cut first, then ports. */
export function formatAgents(
  rows: readonly AgentRow[],
  options: { readonly style: Style; readonly width?: number },
): string {
  if (rows.length === 0) return 'No agents.\n';
  const { style, width = 100 } = options;
  const table = [headings, ...rows.map(cells)];
  const columns = headings.map((_, column) => ({
    column,
    size: widest(table.map((line) => line[column] ?? '')),
    used: rows.some((row) => cells(row)[column] !== ''),
  }));
  const shown = shrink(
    columns.filter(({ used }) => used),
    width,
  );
  const lines = table.map((line, index) =>
    shown
      .map(({ column, size }) => {
        const row = rows[index - 1];
        const shorten = column === imageColumn ? cutStart : cut;
        const text = padded(shorten(line[column] ?? '', size), size);
        return row === undefined ? style.bold(text) : cellPaint(style, column, row)(text);
      })
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

/** The rows as a document for programs; `more` is what it holds besides. */
export function agentsJson(rows: readonly AgentRow[], more: object = {}): JsonObject {
  return toDocument({ formatVersion: reportFormatVersion, type: 'agents', agents: rows, ...more });
}

const headings = ['AGENT', 'REPLICA', 'DRIVER', 'STATE', 'HEALTH', 'RESTARTS', 'AGE', 'PORTS', 'IMAGE'] as const;
const [stateColumn, healthColumn, restartsColumn, portsColumn, imageColumn] = (
  ['STATE', 'HEALTH', 'RESTARTS', 'PORTS', 'IMAGE'] as const
).map((heading) => headings.indexOf(heading)) as [number, number, number, number, number];

function cells(row: AgentRow): readonly string[] {
  const exit = row.exitCode === undefined || row.state !== 'exited' ? '' : ` (${String(row.exitCode)})`;
  const detail = row.detail === undefined || row.state === 'running' ? '' : `: ${cut(printable(row.detail), 40)}`;
  return [
    row.agent,
    row.replica === undefined ? '' : String(row.replica),
    row.driver,
    `${row.supervision?.state ?? row.state}${exit}${detail}`,
    row.health === 'none' ? '-' : row.health,
    String(row.restarts),
    row.age === undefined ? '-' : formatAge(row.age),
    [...row.ports, ...(row.edgePorts ?? []).map((port) => `${port} (edge)`)].join(', '),
    row.image ?? '',
  ].map(printable);
}

function cellPaint(style: Style, column: number, row: AgentRow): Paint {
  const plain: Paint = (text) => text;
  if (column === stateColumn) {
    if (row.supervision) return row.supervision.state === 'failed' ? style.red : style.yellow;
    if (row.state === 'running') return style.green;
    return row.state === 'dead' || row.state === 'missing' || (row.state === 'exited' && row.exitCode !== 0)
      ? style.red
      : style.yellow;
  }
  if (column === healthColumn) {
    return { healthy: style.green, unhealthy: style.red, starting: style.yellow, none: style.dim }[row.health];
  }
  return column === restartsColumn && row.restarts > 0 ? style.yellow : plain;
}

interface Column {
  readonly column: number;
  readonly size: number;
}

function shrink(columns: readonly Column[], width: number): readonly Column[] {
  return [imageColumn, portsColumn].reduce<readonly Column[]>((current, victim) => {
    const total = current.reduce((sum, { size }) => sum + size + 2, -2);
    const least = displayWidth(headings[victim] ?? '') + 5;
    return current.map((each) =>
      each.column === victim && total > width
        ? { ...each, size: Math.min(each.size, Math.max(least, each.size - (total - width))) }
        : each,
    );
  }, columns);
}

/** What is published for every IPv4 address and every IPv6 one alike is told once. */
function portTexts(published: readonly PublishedPort[]): readonly string[] {
  const everywhere = new Set(
    published.flatMap(({ port, host, hostIp }) => (hostIp === '0.0.0.0' ? [`${port} ${String(host)}`] : [])),
  );
  return published
    .filter(({ port, host, hostIp }) => hostIp !== '::' || !everywhere.has(`${port} ${String(host)}`))
    .map(({ port, host, hostIp }) => `${bracketed(hostIp)}:${String(host)}->${port}`);
}

function bracketed(hostIp: string): string {
  return hostIp.includes(':') ? `[${hostIp}]` : hostIp;
}

/** Where a published tcp port of an agent answers on this machine. */
export interface AgentUrl {
  /** The replica; all of an agent's where an edge holds the port for them. */
  readonly address: Address | TemplateAddress;
  /** `8080/tcp`. */
  readonly port: string;
  readonly url: string;
}

/** The URLs of the agents that run, by agent, replica and port; a port published for IPv4 and IPv6 is one. */
export function urls(observed: readonly ObservedResource[]): readonly AgentUrl[] {
  const running = observed.filter(({ kind, phase }) => kind === 'agent' && phase === 'running');
  const shared = edgePorts(running).map(({ agent, ...port }) => ({ address: agentTemplate(agent), ...port }));
  const own = running
    .filter(({ address }) => !isEdge(address))
    .flatMap(({ address, published }) => published.map((port) => ({ address, ...port })));
  const found = [...own, ...shared]
    .filter(({ port, host }) => port.endsWith('/tcp') && host > 0)
    .map(({ address, port, host, hostIp }) => ({ address, port, url: `http://${reachable(hostIp)}:${String(host)}` }));
  const distinct = new Map(found.map((each) => [`${each.address} ${each.url}`, each]));
  return [...distinct.values()].sort(
    (left, right) =>
      compareCodeUnits(agentName(left), agentName(right)) ||
      replicaOf(left) - replicaOf(right) ||
      Number.parseInt(left.port, 10) - Number.parseInt(right.port, 10) ||
      compareCodeUnits(left.url, right.url),
  );
}

/** A line for each URL: `agent/web/0  http://127.0.0.1:8080`; empty when there are none. */
export function formatUrls(observed: readonly ObservedResource[], options: { readonly style: Style }): string {
  const list = urls(observed);
  const column = widest(list.map(({ address }) => printable(address)));
  return list
    .map(({ address, url }) => `  ${padded(printable(address), column)}  ${options.style.cyan(printable(url))}\n`)
    .join('');
}

/** An address to type for what is bound there: any-address binds answer on the loopback one. */
function reachable(hostIp: string): string {
  if (hostIp === '' || hostIp === '0.0.0.0' || hostIp === '::') return '127.0.0.1';
  return bracketed(hostIp);
}

function agentName({ address }: AgentUrl): string {
  return parseAddress(address)?.name ?? address.replace('agent/', '');
}

function replicaOf({ address }: AgentUrl): number {
  return parseAddress(address)?.index ?? 0;
}
