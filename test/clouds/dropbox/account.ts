import { nothing, string, struct, withDefault } from "./args.ts";
import type { Context } from "./context.ts";
import { type Endpoint, endpoint, ok } from "./endpoint.ts";

/** Who is signed in, how much room there is, and the end of a grant. */
export const accountEndpoints: readonly Endpoint[] = [
  endpoint({
    route: "users/get_current_account",
    scope: "account_info.read",
    argument: nothing,
    run: (_, { context }) => ok(fullAccount(context)),
  }),
  endpoint({
    route: "users/get_space_usage",
    scope: "account_info.read",
    argument: nothing,
    run(_, { context: { namespace, limits } }) {
      const allocation = { ".tag": "individual", allocated: limits.allocatedBytes };
      return ok({ used: namespace.usedBytes, allocation });
    },
  }),
  endpoint({
    route: "check/user",
    scope: "account_info.read",
    argument: struct({ query: withDefault(string({ max: 500 }), "") }),
    run: ({ query }) => ok({ result: query }),
  }),
  endpoint({
    route: "auth/token/revoke",
    scope: null,
    argument: nothing,
    run(_, { context, accessToken }) {
      context.oauth.revoke(accessToken);
      return ok(null);
    },
  }),
];

/** Dropbox docs: users.FullAccount. */
function fullAccount({ account }: Context): Record<string, unknown> {
  const { accountId, name, email, namespaceId, rootNamespaceId } = account;
  const [given = name, surname = ""] = name.split(" ");
  return {
    account_id: accountId,
    name: {
      given_name: given,
      surname,
      familiar_name: given,
      display_name: name,
      abbreviated_name: `${given.charAt(0)}${surname.charAt(0)}`,
    },
    email,
    email_verified: true,
    disabled: false,
    country: "US",
    locale: "en",
    referral_link: "https://www.dropbox.com/referrals/AAAA",
    is_paired: false,
    account_type: { ".tag": "basic" },
    root_info: {
      ".tag": rootNamespaceId === null ? "user" : "team",
      root_namespace_id: rootNamespaceId ?? namespaceId,
      home_namespace_id: namespaceId,
      ...(rootNamespaceId !== null && { home_path: `/${name}` }),
    },
  };
}
