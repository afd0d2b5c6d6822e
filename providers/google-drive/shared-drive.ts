import { ProviderError } from "../../src/core/error.ts";
import { describe } from "./errors.ts";

/** A drive that belongs to an organisation; its id is also that of its root folder. */
export interface SharedDrive {
  readonly id: string;
  readonly name: string;
}

/**
 * The shared drive that `wanted` names, by id or by name, among those that the account is a member of; asked
 * for once. `member`: the e-mail that has to be one, where it is known. `forbidden` where there is none, or more than one of this name: never `not-found`, which would say
 * of the items that are looked for in it that they are gone.
 */
export function openSharedDrive(
  wanted: string,
  list: () => Promise<readonly SharedDrive[]>,
  member?: string,
): () => Promise<SharedDrive> {
  let found: Promise<SharedDrive> | null = null;
  return () => {
    found ??= list().then((drives) => pick(wanted, drives, member));
    found.catch(() => {
      found = null;
    });
    return found;
  };
}

function pick(wanted: string, drives: readonly SharedDrive[], member?: string): SharedDrive {
  const byId = drives.find(({ id }) => id === wanted);
  if (byId) return byId;
  const named = drives.filter(({ name }) => name === wanted);
  const [only] = named;
  if (only && named.length === 1) return only;
  const words = describe({ operation: "find", item: `the shared drive "${wanted}"` });
  const why = only
    ? `there are ${named.length} of this name: write one of ${named.map(({ id }) => id).join(", ")}`
    : `this account is no member of it (it is one of ${namesOf(drives)})${joining(member)}`;
  throw new ProviderError("forbidden", `${words}: ${why}`);
}

const joining = (member?: string) =>
  member === undefined ? "" : `: add ${member} to its members as content manager`;

function namesOf(drives: readonly SharedDrive[]): string {
  return drives.length === 0 ? "none" : drives.map(({ name }) => `"${name}"`).join(", ");
}
