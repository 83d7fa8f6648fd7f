import * as z from 'zod';
import { parseHostIp, parseHostPort, parsePortMappings, type PortMapping } from '../../model/port.ts';
import { err, ok } from '../../util/result.ts';
import * as v from './values.ts';

/** One entry of `environment`; that it has exactly one source is checked when it is resolved. */
export const variable = z.strictObject({
  name: v.variableName,
  value: z.string().optional(),
  from: z.enum(['secret', 'config', 'configmap', 'env']).optional(),
  sensitive: z.boolean().optional(),
  secretName: v.text.optional(),
  secretKey: v.text.optional(),
  configKey: v.text.optional(),
  configMapName: v.text.optional(),
  configMapKey: v.text.optional(),
  envKey: v.text.optional(),
  defaultValue: z.string().optional(),
});

export const secretFile = z.strictObject({
  name: z.string().regex(/^(?!\.\.?$)[A-Za-z0-9._-]+$/, 'must be a file name: letters, digits, `.`, `_` and `-`'),
  from: z.enum(['secret', 'kubernetes-secret']).optional(),
  secretName: v.text.optional(),
  secretKey: v.text.optional(),
  mountPath: v.absolutePath.optional(),
  env: v.variableName.optional(),
});

const hostIp = v.parsed(z.string(), parseHostIp);
const protocol = z.enum(['tcp', 'udp']);

const portObject = z.strictObject({
  container: v.portNumber,
  host: v.parsed(z.union([z.number(), z.string()]), parseHostPort).optional(),
  protocol: protocol.optional(),
  hostIp: hostIp.optional(),
  proxyProtocol: z.enum(['v1', 'v2']).optional(),
});

const portItem = z.union([
  v.parsed(z.union([z.string(), z.number()]), (value) => parsePortMappings(String(value))),
  portObject.transform((port) => [port as PortMapping]),
]);

/** Each entry as the mappings it stands for: a comma list or a range is several. */
export const ports = z.array(portItem);

/** In a project's defaults also what all ports of the project share. */
export const defaultPorts = z.union([
  ports,
  z.strictObject({ hostIp: hostIp.optional(), protocol: protocol.optional() }),
]);

export const volume = z.strictObject({
  type: z.enum(['bind', 'volume', 'tmpfs', 'configmap', 'secret']),
  source: v.text.optional(),
  target: v.parsed(v.absolutePath, (path) =>
    /^\/+$/.test(path) ? err({ message: 'cannot be the root directory' }) : ok(path.replace(/(?<=.)\/+$/, '')),
  ),
  readOnly: z.boolean().optional(),
  size: v.bytes.optional(),
  create: z.boolean().optional(),
});

export const service = z.strictObject({
  name: v.dnsLabel,
  port: v.portNumber.optional(),
  protocol: v.text.optional(),
  host: v.text.optional(),
});

const condition = z.enum(['started', 'healthy', 'completed']);

export const dependency = z.union([
  v.text.transform((agent) => ({ agent, condition: undefined })),
  z.strictObject({ agent: v.text, condition: condition.optional() }),
]);
