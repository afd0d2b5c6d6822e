import { drizzleAdapter } from "better-auth/adapters/drizzle";
import type { Store } from "./open.ts";
import {
  apiKeys,
  credentials,
  passkeys,
  sessions,
  twoFactors,
  users,
  verifications,
} from "./schema.ts";

/** The tables of people, sessions and keys, as better-auth reads and writes them. */
export function authAdapter({ db }: Pick<Store, "db">) {
  return drizzleAdapter(db, {
    provider: "sqlite",
    schema: {
      user: users,
      session: sessions,
      account: credentials,
      verification: verifications,
      twoFactor: twoFactors,
      passkey: passkeys,
      apikey: apiKeys,
    },
  });
}
