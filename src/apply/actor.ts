import { hostname, userInfo } from 'node:os';

/** Who is at work here, as journal and lock name them. */
export interface Actor {
  readonly user: string;
  readonly host: string;
}

/** The user and host of this process. */
export function currentActor(): Actor {
  return { user: userName(), host: hostname() };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown'); // a user whom the system's list does not have
  }
}
