import { createHash, randomBytes, randomInt } from "node:crypto";
import type { Store } from "../store/open.ts";
import type { Role } from "../store/people.ts";
import type { Auth } from "./auth.ts";
import { Refused } from "./problem.ts";
import { isSame } from "./proof.ts";
import { createTries } from "./tries.ts";

/** How people come in: the first by a code that only the terminal shows, all others by invitation. */

export interface NewPerson {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

export interface SetUp {
  /** For the terminal; null when somebody is there already. */
  readonly code: string | null;
  /** Whether the first admin is still to come. */
  isOpen(): boolean;
  /** The first admin. `Refused` when the code is wrong, or somebody was faster. */
  begin(code: string, person: NewPerson, auth: Auth): Promise<void>;
}

export function createSetUp({ people }: Store, now: () => number): SetUp {
  const code = people.count() === 0 ? newCode() : null;
  const tries = createTries({ most: 10, windowMs: 60_000, now });
  let isBusy = false;

  function check(given: string): void {
    if (tries.waitMs("anybody") > 0) {
      throw new Refused(429, {
        code: "too-many",
        message: "The set-up code was tried too often.",
        mend: "Wait a minute, then enter the code as the terminal shows it.",
      });
    }
    if (code !== null && isSame(plain(given), plain(code))) return;
    tries.failed("anybody");
    throw new Refused(403, {
      code: "wrong-code",
      message: "This is not the set-up code.",
      field: "code",
      mend: 'The terminal in which "syncline serve" runs shows it; each start makes a new one.',
    });
  }

  return {
    code,
    isOpen: () => people.count() === 0,
    async begin(given, person, auth) {
      if (people.count() > 0 || isBusy) throw done();
      check(given);
      isBusy = true;
      try {
        await addPerson({ ...person, role: "admin" }, auth);
      } finally {
        isBusy = false;
      }
    },
  };
}

const done = () =>
  new Refused(409, {
    code: "done",
    message: "Somebody has set this up already.",
    mend: "Sign in, or ask an admin for an invitation.",
  });

/** Blanks, dashes and case are a matter of taste. */
const plain = (text: string) => text.replaceAll(/[\s-]/g, "").toUpperCase();

/** Without letters and digits that look alike. */
const alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/** `K7QF-2MXN-9TBD`: 59 bits. */
function newCode(): string {
  const letters = Array.from({ length: 12 }, () => alphabet[randomInt(alphabet.length)]);
  return letters.join("").replaceAll(/(.{4})(?=.)/g, "$1-");
}

/** What an invitation's link holds; the state keeps its hash alone. */
export const newToken = () => randomBytes(24).toString("base64url");
export const hashOfToken = (token: string) => createHash("sha256").update(token).digest("hex");

/** Makes a person with a password. `Refused` when the e-mail address is taken. */
export async function addPerson(
  { name, email, password, role }: NewPerson & { readonly role: Role },
  auth: Auth,
): Promise<void> {
  const context = await auth.$context;
  const { internalAdapter } = context;
  const address = email.toLowerCase();
  if (await internalAdapter.findUserByEmail(address)) {
    throw new Refused(409, {
      code: "known",
      message: "Somebody has this e-mail address already.",
      field: "email",
    });
  }
  const hash = await context.password.hash(password);
  const user = await internalAdapter.createUser(
    { name, email: address, emailVerified: true, role },
    { method: "email-password" },
  );
  await internalAdapter.linkAccount({
    userId: user.id,
    providerId: "credential",
    accountId: user.id,
    password: hash,
  });
}
