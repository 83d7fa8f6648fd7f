/** Why a text is not the unit it should be. `message` reads on after the field's name; `hint` says what to write. */
export interface UnitError {
  readonly message: string;
  readonly hint?: string;
}
