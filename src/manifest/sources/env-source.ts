import type { Variables } from '../interpolate.ts';
import type { Source } from './look-up.ts';

/** A variable for each key: `AAC_SECRET_DB_PASSWORD` is the key `password` of the secret `db`. */
export function envSource(kind: 'secret' | 'config', variables: Variables): Source {
  return {
    read: async (name, key) => {
      const variable = sourceVariable(kind, name, key);
      const value = Object.hasOwn(variables, variable) ? variables[variable] : undefined;
      return value === undefined
        ? { status: 'absent', where: `the variable \`${variable}\``, hint: 'set it in the environment or an env file' }
        : { status: 'found', value };
    },
    list: async (name) => ({
      status: 'failed',
      message: `the keys of \`${name}\` cannot be listed: variables do not say where its name ends`,
      hint: `name each key in \`secrets\` or \`environment\`, or let the project read ${kind}s from files`,
    }),
  };
}

/** The variable that holds a key: upper case, and `_` for everything that is no letter or digit. */
export function sourceVariable(kind: 'secret' | 'config', name: string, key: string): string {
  return `AAC_${kind}_${name}_${key}`.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}
