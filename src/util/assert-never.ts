/** The end of an exhaustive switch: compiles only while every variant is handled. Throws when reached anyway. */
export function assertNever(value: never): never {
  throw new Error(`unexpected variant: ${JSON.stringify(value)}`);
}
