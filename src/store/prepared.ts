import { sql } from "drizzle-orm";

type Makers = Readonly<Record<string, () => unknown>>;
type Made<M extends Makers> = { readonly [Name in keyof M]: ReturnType<M[Name]> };

/**
 * Statements, each prepared once, when it is first asked for: preparing costs more than running, and who
 * opens the state needs few of them.
 */
export function prepared<M extends Makers>(makers: M): Made<M> {
  const made = {};
  for (const [name, make] of Object.entries(makers)) {
    const get = () => {
      const value = make();
      Object.defineProperty(made, name, { value });
      return value;
    };
    Object.defineProperty(made, name, { configurable: true, get });
  }
  return made as Made<M>;
}

/** A value given as the database has it: drizzle's encoders of placeholders do not know null. */
export const raw = (name: string) => sql`${sql.placeholder(name)}`;
