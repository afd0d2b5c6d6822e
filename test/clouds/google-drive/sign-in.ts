import { createOAuth, type OAuth } from "../kit/oauth.ts";
import { json, type Route } from "../kit/request.ts";
import type { User } from "./resource.ts";
import type { ServiceAccountsPart } from "./service-accounts.ts";

/** Two apps as Google's console makes them: the type for loopback redirects, and the one for servers. */
const clients = [
  {
    clientId: "desktop.apps.googleusercontent.com",
    clientSecret: "GOCSPX-desktop",
    redirectUris: [/^http:\/\/(?:127\.0\.0\.1|localhost)(?::\d+)?(?:\/.*)?$/],
  },
  {
    clientId: "web.apps.googleusercontent.com",
    clientSecret: "GOCSPX-web",
    redirectUris: [/^https:\/\/.+/, /^http:\/\/localhost(?::\d+)?\/.*$/],
  },
];

const driveScope = "https://www.googleapis.com/auth/drive";
export const scopes = [
  driveScope,
  `${driveScope}.file`,
  `${driveScope}.readonly`,
  `${driveScope}.metadata.readonly`,
  "openid",
  "email",
];

/** Google's sign-in. A refresh token comes with `access_type=offline`, at the first consent or with `prompt=consent`. */
export function createSignIn(
  now: () => number,
  random: () => number,
  assertions: ServiceAccountsPart["assert"],
): OAuth {
  const consented = new Set<string>();
  return createOAuth({
    now,
    random,
    clients,
    scopes,
    assertions,
    paths: { authorize: ["/o/oauth2/v2/auth"], token: ["/token"], revoke: ["/revoke"] },
    consent: "auto",
    accessTokenSeconds: 3599,
    isOffline(parameters) {
      const client = parameters.get("client_id") ?? "";
      const first = !consented.has(client);
      consented.add(client);
      return (
        parameters.get("access_type") === "offline" &&
        (first || parameters.get("prompt")?.split(" ").includes("consent") === true)
      );
    },
    canPasteCode: false,
    pkceNeedsSecret: true,
    tokenPrefix: "ya29.",
  });
}

/** OpenID Connect's userinfo, for whoever signed in. */
export function userinfo(oauth: Pick<OAuth, "check">, user: User): Route {
  return {
    name: "oauth/userinfo",
    method: "GET",
    path: "/v1/userinfo",
    handle({ headers }) {
      const token = /^Bearer (\S+)$/i.exec(headers.authorization ?? "")?.[1] ?? "";
      if (oauth.check(token).grant === null) return json(401, { error: "invalid_token" });
      return json(200, {
        sub: user.permissionId,
        name: user.displayName,
        email: user.email,
        email_verified: true,
      });
    },
  };
}
