declare const brand: unique symbol;

/** `Base` with a name of its own, so that two identifiers of one shape cannot be mixed up. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
