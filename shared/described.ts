/** A field of a format with what an editor says of it, for whoever writes one by hand. */
import * as v from "valibot";

/** Still of the same type: a description changes nothing that is decoded, and the compiler has less to work through. */
export const described = <S extends v.GenericSchema>(schema: S, text: string): S =>
  v.pipe(schema, v.description(text)) as unknown as S;
