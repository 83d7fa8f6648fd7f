import type { AppliedRecord, PublishedPort } from '../../model/observed.ts';
import { isJsonObject, type Json } from '../../util/json.ts';
import type { Cgroup } from './cgroup.ts';
import type { Identity } from './identity.ts';

/** Where a port of an instance is on the host. */
export type PortAllocation = Readonly<Record<string, { readonly host: number; readonly hostIp: string }>>;

/** One object of this driver, as `record.json` in its folder holds it. It never holds the value of a reference. */
export interface Instance {
  readonly format: 1;
  readonly name: string;
  /** Random; tells this object from a successor of the same name. */
  readonly nonce: string;
  readonly record: AppliedRecord;
  /** `8080/tcp` → the host port that was found for it, kept for the object's life. */
  readonly ports: PortAllocation;
  /** ISO 8601. */
  readonly createdAt: string;
}

/**
 * One start of an instance, as `run-<number>.json` holds it. It is written before anything is started: the intent. Only
 * afterwards is `process` added, so a run without it was cut short, and the cookie says whether the process came to be.
 */
export interface Run {
  /** Counted from 1. */
  readonly number: number;
  readonly bootId: string;
  /** Who starts it: while that process lives, the start is under way. */
  readonly starter: { readonly pid: number; readonly started: string };
  /** ISO 8601. */
  readonly startedAt: string;
  /** The absolute folder it runs in. */
  readonly folder: string;
  /** The latch. */
  readonly process?: Pick<Identity, 'pid' | 'started' | 'sid'>;
  /** ISO 8601; its end is ours from here on and no crash. */
  readonly stopRequestedAt?: string;
  /** Where it runs, when limits were declared for it and the kernel can hold them. */
  readonly cgroup?: Cgroup;
  /** Why aac ended it without being asked to; its end counts as a crash all the same. */
  readonly endedFor?: 'memory limit';
}

/** An object's cookie, which is its engine id too: it says all that is needed to find it. */
export function cookieOf(instance: Instance): string {
  return [instance.record.workspace, instance.name, instance.nonce].map(encodeURIComponent).join('/');
}

/** Reads a cookie back; `undefined` when it is none. */
export function parseCookie(
  text: string,
): { readonly workspace: string; readonly name: string; readonly nonce: string } | undefined {
  const parts = text.split('/');
  const [workspace, name, nonce] = parts;
  if (parts.length !== 3 || !workspace || !name || !nonce) return undefined;
  try {
    return { workspace: decodeURIComponent(workspace), name: decodeURIComponent(name), nonce };
  } catch {
    return undefined;
  }
}

/** The identity that the latch of a run must have; `undefined` while it is not recorded. */
export function latchIdentity(instance: Instance, run: Run): Identity | undefined {
  return run.process && { bootId: run.bootId, ...run.process, cookie: cookieOf(instance) };
}

/** The host ports of an instance, as an observation lists them. */
export function publishedPorts(instance: Instance): readonly PublishedPort[] {
  return Object.entries(instance.ports).map(([port, { host, hostIp }]) => ({ port, host, hostIp }));
}

/** Whether JSON from a file or an environment is an instance that this version can read. */
export function toInstance(json: Json | undefined): Instance | undefined {
  if (!isJsonObject(json) || json.format !== 1 || !isJsonObject(json.record) || !isJsonObject(json.ports)) {
    return undefined;
  }
  const { name, nonce, record } = json;
  const texts = [name, nonce, record.workspace, record.address, record.specHash, record.directory];
  if (!texts.every((text) => typeof text === 'string') || !isJsonObject(record.lastApplied)) return undefined;
  return json as unknown as Instance;
}

/** Whether JSON is a run that this version can read. */
export function toRun(json: Json | undefined): Run | undefined {
  if (!isJsonObject(json) || typeof json.number !== 'number' || typeof json.bootId !== 'string') return undefined;
  if (!isJsonObject(json.starter) || typeof json.folder !== 'string') return undefined;
  return json as unknown as Run;
}
