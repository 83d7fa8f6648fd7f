import * as z from 'zod';
import { err, ok, type Result } from '../../util/result.ts';
import { notifiedEvents } from '../../model/notified-event.ts';
import { parseDeleteLimit } from '../../model/delete-limit.ts';
import type { UnitError } from '../../model/unit-error.ts';
import { apiVersion, defaultsSchema, driver } from './agent.ts';
import * as v from './values.ts';

const dockerHost = z
  .string()
  .regex(/^(?:unix|npipe|tcp|http|https|ssh|fd):\/\/./, 'must be an address such as `unix:///var/run/docker.sock`');

const source = z.strictObject({
  from: z.enum(['files', 'env', 'command']),
  path: v.text.optional(),
  command: z.union([v.text, v.textList.min(1)]).optional(),
});

const networks = z.record(
  v.objectName,
  z.union([z.null(), z.strictObject({ internal: z.boolean().optional(), external: z.boolean().optional() })]),
);

const nameServer = z
  .string()
  .regex(
    /^(?:\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?|[0-9a-fA-F:]+|\[[0-9a-fA-F:]+\]:\d{1,5})$/,
    'must be an address, with or without `:port`',
  );

const maxDelete = v.parsed(z.union([z.number(), z.string()]), (value) => parseDeleteLimit(String(value)));

const window = z.strictObject({
  kind: z.enum(['allow', 'deny']),
  schedule: v.text,
  duration: v.positiveDuration,
  timeZone: v.parsed(z.string(), parseTimeZone).optional(),
});

/** Often a secret as a whole, so that it may come from a variable. */
const webhook = z
  .string()
  .regex(/^https?:\/\/.|\$\{/, 'must be an `https://` address or a variable such as `${WEBHOOK}`');

/** A whole `kind: Project` document. Cron expressions are checked apart, as that takes a library of its own. */
export const projectSchema = z.strictObject({
  apiVersion,
  kind: z.literal('Project'),
  metadata: z.strictObject({ name: v.dnsLabel.optional(), previousNames: z.array(v.dnsLabel).optional() }).optional(),
  spec: z
    .strictObject({
      driver: driver.optional(),
      docker: z.strictObject({ host: dockerHost.optional() }).optional(),
      secrets: source.optional(),
      configs: source.optional(),
      env: v.textList.optional(),
      networks: networks.optional(),
      edge: z.strictObject({ image: v.text.optional(), dns: z.array(nameServer).optional() }).optional(),
      defaults: defaultsSchema.optional(),
      maxDelete: maxDelete.optional(),
      quotas: z
        .strictObject({ cpu: v.cpu.optional(), memory: v.bytes.optional(), agents: v.count.optional() })
        .optional(),
      sync: z
        .strictObject({
          resync: v.text.optional(),
          selfHeal: z.boolean().optional(),
          prune: z.boolean().optional(),
          windows: z.array(window).optional(),
        })
        .optional(),
      notify: z.array(z.strictObject({ on: z.array(z.enum(notifiedEvents)).min(1), webhook })).optional(),
    })
    .optional(),
});

/** A `kind: Project` document as it was written. */
export type WrittenProject = z.output<typeof projectSchema>;

function parseTimeZone(name: string): Result<string, UnitError> {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return ok(name);
  } catch {
    return err({ message: `\`${name}\` is no time zone`, hint: 'write it like `Europe/Berlin` or `UTC`' });
  }
}
