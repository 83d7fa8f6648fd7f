type OptionalKeys<T> = { [Key in keyof T]-?: undefined extends T[Key] ? Key : never }[keyof T];

/** `T` whose members that may be `undefined` are absent instead. */
export type Defined<T> = { readonly [Key in Exclude<keyof T, OptionalKeys<T>>]: T[Key] } & {
  readonly [Key in OptionalKeys<T>]?: Exclude<T[Key], undefined>;
};

/** A copy without the members that are `undefined`. */
export function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Defined<T>;
}
