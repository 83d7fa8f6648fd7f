import type { ReplicaRange } from '../../model/agent.ts';
import { defined } from '../defined.ts';
import { fieldPlace, type ResolveContext } from './context.ts';
import type { Path } from '../source-tree.ts';

type Metric = 'cpu' | 'memory';

const targetFields = {
  cpu: 'targetCPUUtilizationPercentage',
  memory: 'targetMemoryUtilizationPercentage',
} as const;

/**
 * How many replicas: `scaling` and `autoscaling` in one form. Autoscaling is on where it says so, or where it or
 * `scaling.metrics` gives a target and nothing says that it is off.
 */
export function resolveReplicas(context: ResolveContext): ReplicaRange {
  const { scaling = {}, autoscaling = {} } = context.merged.fields;
  const targets = { cpu: targetOf(context, 'cpu'), memory: targetOf(context, 'memory') };
  const hasTarget = targets.cpu !== undefined || targets.memory !== undefined;
  const { replicas, minReplicas, maxReplicas } = scaling;
  if (autoscaling.enabled === false) return { count: replicas ?? 1 };
  if (!hasTarget) {
    checkNoTarget(context);
    return { count: replicas ?? 1 };
  }
  const min = minReplicas ?? 1;
  if (maxReplicas === undefined) {
    const on: Path = context.merged.fields.autoscaling ? ['autoscaling'] : ['scaling', 'metrics'];
    context.reporter.error('missing-field', 'autoscaling needs `scaling.maxReplicas`', fieldPlace(context, ...on), {
      part: 'key',
      missingIn: [['scaling']],
    });
    return { count: replicas ?? min };
  }
  if (min > maxReplicas) {
    conflict(context, `\`minReplicas\` ${String(min)} is above \`maxReplicas\` ${String(maxReplicas)}`, [
      ['scaling', 'minReplicas'],
      ['scaling', 'maxReplicas'],
    ]);
  }
  if (replicas !== undefined && (replicas < min || replicas > maxReplicas)) {
    const range = `${String(min)} to ${String(maxReplicas)}`;
    conflict(context, `\`replicas\` ${String(replicas)} is not within ${range}, the range of autoscaling`, [
      ['scaling', 'replicas'],
      replicas < min ? ['scaling', 'minReplicas'] : ['scaling', 'maxReplicas'],
    ]);
  }
  return {
    count: replicas ?? min,
    autoscaling: {
      min,
      max: maxReplicas,
      ...defined({ targetCpuPercent: targets.cpu, targetMemoryPercent: targets.memory }),
      scaleUpDelay: autoscaling.scaleUpDelay ?? 0,
      scaleDownDelay: autoscaling.scaleDownDelay ?? 300_000,
    },
  };
}

/** The target of a metric, which may be written in both forms where they agree. */
function targetOf(context: ResolveContext, metric: Metric): number | undefined {
  const { scaling, autoscaling } = context.merged.fields;
  const written = (scaling?.metrics ?? []).flatMap(({ resource }, index) =>
    resource.name === metric
      ? [
          {
            percent: resource.target.averageUtilization,
            path: ['scaling', 'metrics', index, 'resource', 'target', 'averageUtilization'] as Path,
          },
        ]
      : [],
  );
  const direct = autoscaling?.[targetFields[metric]];
  const all = [
    ...(direct === undefined ? [] : [{ percent: direct, path: ['autoscaling', targetFields[metric]] as Path }]),
    ...written,
  ];
  const [first, ...others] = all;
  const other = others.find(({ percent }) => percent !== first?.percent);
  if (first && other) {
    const message = `the ${metric} target is ${String(first.percent)}% and ${String(other.percent)}%`;
    conflict(context, message, [other.path, first.path]);
  }
  return first?.percent;
}

/** What would have no effect without a target is an error: nothing is ignored in silence. */
function checkNoTarget(context: ResolveContext): void {
  const { scaling, autoscaling } = context.merged.fields;
  const hint = `give \`autoscaling.${targetFields.cpu}\` or \`autoscaling.${targetFields.memory}\``;
  const missingIn = [['scaling'], ['autoscaling']];
  if (autoscaling?.enabled) {
    context.reporter.error('missing-field', 'autoscaling has no target', fieldPlace(context, 'autoscaling'), {
      hint,
      part: 'key',
      missingIn,
    });
    return;
  }
  for (const field of ['minReplicas', 'maxReplicas'] as const) {
    if (scaling?.[field] === undefined) continue;
    const at = fieldPlace(context, 'scaling', field);
    context.reporter.error('missing-field', `\`${field}\` has no effect without autoscaling`, at, {
      hint,
      part: 'key',
    });
  }
  for (const field of ['scaleUpDelay', 'scaleDownDelay'] as const) {
    if (autoscaling?.[field] === undefined) continue;
    const at = fieldPlace(context, 'autoscaling', field);
    context.reporter.error('missing-field', `\`${field}\` has no effect without a target`, at, {
      hint,
      part: 'key',
      missingIn,
    });
  }
}

function conflict(context: ResolveContext, message: string, [at, other]: readonly [Path, Path]): void {
  context.reporter.error('conflicting-fields', message, fieldPlace(context, ...at), {
    related: [{ message: 'the other one', place: fieldPlace(context, ...other) }],
  });
}
