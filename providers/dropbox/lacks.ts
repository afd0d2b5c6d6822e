import { isProviderError } from "../../src/core/error.ts";
import type { Lack } from "../../src/core/provider.ts";
import type { Account } from "./account.ts";
import { requiredScope } from "./refusal.ts";
import { lackOf, scopes } from "./scopes.ts";

/** Of the form of an id, and of no file. */
const nobody = "id:AAAAAAAAAAAAAAAAAAAAAA";

/**
 * What the sign-in may not do. One route of each scope is asked for what is not there: Dropbox looks at the scope first,
 * and an answer to a refresh need not name scopes. Nothing is changed by it.
 */
export async function lacks({ api }: Account): Promise<Lack | null> {
  const call = { operation: "ask what the app may do" };
  const asked = await Promise.allSettled([
    api.call(call, (client, options) => client.usersGetCurrentAccount(options)),
    api.call(call, (client, options) => client.filesGetMetadata({ path: nobody }, options)),
    api.call(call, (client, options) => client.filesGetTemporaryLink({ path: nobody }, options)),
    api.call(call, (client, options) =>
      client.filesSaveUrlCheckJobStatus({ async_job_id: nobody }, options),
    ),
  ]);
  const errors = asked.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
  const lacking = errors.flatMap((error) => requiredScope(error) ?? []);
  if (lacking.length > 0) return lackOf(scopes.filter((scope) => !lacking.includes(scope)));
  const failed = errors.find(
    (error) => !isProviderError(error, "not-found") && !isProviderError(error, "unexpected"),
  );
  if (failed !== undefined) throw failed;
  return null;
}
