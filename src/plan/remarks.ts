import { parseAddress } from '../model/address.ts';
import type { DesiredResource } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { fieldPath } from '../model/field-path.ts';
import type { ObservedResource } from '../model/observed.ts';
import { rangeAt } from './source.ts';

/** That a volume stays although nobody asks for it. `destroying`: the rest of the workspace goes. */
export function unmanagedVolume(object: ObservedResource, destroying: boolean): Diagnostic {
  return {
    code: 'unmanaged-volume',
    severity: 'note',
    message: destroying
      ? `volume \`${object.name}\` is kept with its data`
      : `volume \`${object.name}\` is kept with its data, though no manifest declares it any more`,
    hint: destroying ? 'to remove it too: `aac destroy --volumes`' : 'remove it by hand once its data is not needed',
    address: object.address,
  };
}

/** That an agent crashes again and again while something goes on restarting it. */
export function notRestarting(desired: DesiredResource, object: ObservedResource): Diagnostic {
  const { address, template } = desired;
  const parts = parseAddress(address);
  const count = object.restarts > 0 ? `, ${String(object.restarts)} times so far` : '';
  return {
    code: 'not-restarting',
    severity: 'warning',
    message: `\`${address}\` keeps crashing and being restarted${count}${object.detail ? `: ${object.detail}` : ''}`,
    hint: `see why: \`aac logs ${parts ? `${parts.name}/${String(parts.index ?? 0)}` : address}\``,
    address,
    ...rangeAt(template, fieldPath('restartPolicy')),
  };
}
