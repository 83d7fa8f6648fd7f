/** What a seccomp profile's file holds: the hash of its JSON, or why it is of no use. */
export type Profile = { readonly sha256: string } | { readonly fault: string };

/** The profiles that manifests name, by their path from the project root. */
export type Profiles = ReadonlyMap<string, Profile>;

/** Words that stand for a profile and are no path. */
export function isProfileName(value: string): value is 'default' | 'unconfined' {
  return value === 'default' || value === 'unconfined';
}
