/** Who is to own a file, as numbers. */
export interface FileOwner {
  readonly user: number;
  readonly group: number;
}

/** A container's files on who is who. */
export interface Accounts {
  /** `/etc/passwd` and `/etc/group`; empty where there is none. */
  readonly passwd: string;
  readonly groups: string;
}

/** The numbers that need no look into the container, `undefined` where names or the user's own group are asked for. */
export function numericOwner(user: string): FileOwner | undefined {
  if (user === '') return { user: 0, group: 0 };
  const [, id, group] = /^(\d+):(\d+)$/.exec(user) ?? [];
  return id === undefined || group === undefined ? undefined : { user: Number(id), group: Number(group) };
}

/** Who `User` of a container is, as an engine finds it out; `undefined` for a name that the container does not know. */
export function ownerOf(user: string, { passwd, groups }: Accounts): FileOwner | undefined {
  const known = numericOwner(user);
  if (known) return known;
  const [who = '', group] = user.split(':');
  const account = lines(passwd).find(([name, , id]) => name === who || id === who);
  const id = account?.[2] ?? (/^\d+$/.test(who) ? who : undefined);
  if (id === undefined) return undefined;
  if (!group) return { user: Number(id), group: Number(account?.[3] ?? 0) };
  const entry = lines(groups).find(([name, , number]) => name === group || number === group);
  const groupId = entry?.[2] ?? (/^\d+$/.test(group) ? group : undefined);
  return groupId === undefined ? undefined : { user: Number(id), group: Number(groupId) };
}

function lines(text: string): readonly (readonly string[])[] {
  return text.split('\n').map((line) => line.split(':'));
}
