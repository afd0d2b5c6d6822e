import { CommandFailure } from "../failure.ts";
import type { Service } from "./account.ts";

/** Where a person is sent back to from the provider's page, and what they come back with. */

/** Where an app's redirect addresses are entered, and which app needs none to be. */
const places: Readonly<Record<Service, { readonly where: string; readonly unless: string }>> = {
  dropbox: { where: "App Console, Settings, OAuth 2", unless: "" },
  "google-drive": {
    where: "Google Cloud console, Clients",
    unless: ", unless it is of the type Desktop app, which takes any such address",
  },
  onedrive: {
    where: "entra.microsoft.com, App registrations, Authentication",
    unless: "; any port is right then",
  },
};

/** Microsoft compares no port of localhost (Entra docs: "Redirect URI restrictions"), and shows none to be entered. */
const entered = (service: Service, address: string): string =>
  service === "onedrive" ? address.replace(/:\d+$/, "") : address;

/** What an app has to have for a sign-in that leads back to `address`. */
export function demandOf(service: Service, address: string): string {
  const { where, unless } = places[service];
  return `${entered(service, address)} must be among the redirect URIs of your app (${where})${unless}.`;
}

/**
 * What mends a refusal of `address`; null where something else was refused. In the words of Google
 * ("redirect_uri_mismatch"), Dropbox ("Invalid redirect_uri") and Microsoft ("AADSTS50011").
 */
export function mendOf(service: Service, address: string, words: string): string | null {
  if (!/redirect_uri|AADSTS50011\b/i.test(words)) return null;
  const port = service === "google-drive" ? ` with --port ${new URL(address).port}` : "";
  return (
    `enter ${entered(service, address)} among the redirect URIs of your app ` +
    `(${places[service].where}), and run the command again${port}`
  );
}

/**
 * The code in the query of the address that the browser was sent back to (RFC 6749, 4.1.2).
 * `CommandFailure` when it belongs to another sign-in than that of `state`, or tells of a refusal.
 */
export function codeOf(query: URLSearchParams, state: string): string {
  if (query.get("state") !== state) {
    throw new CommandFailure(
      "the browser came back from another sign-in (its state is not that of this one): " +
        "run the command again, and open the newest address",
    );
  }
  const error = query.get("error");
  if (error === "access_denied") {
    throw new CommandFailure(
      "access was not allowed in the browser: run the command again, and allow it there",
    );
  }
  if (error !== null) {
    const description = query.get("error_description");
    const words = description === null ? error : `${error} (${description})`;
    throw new CommandFailure(
      `the provider refused the sign-in: ${words}: check the settings of your app there`,
    );
  }
  const code = query.get("code");
  if (code) return code;
  throw new CommandFailure(
    "the address holds no code: copy all of it from the browser's address bar",
  );
}

/**
 * The code in what a person pasted: the code alone, or the address that holds it, with or without its
 * beginning. `CommandFailure` as for `codeOf`, and when there is nothing.
 */
export function pastedCode(text: string, state: string): string {
  // Terminals and mail break long lines.
  const pasted = text.replace(/\s+/g, "");
  if (pasted === "") {
    throw new CommandFailure("nothing was pasted: run the command again when you have the code");
  }
  const query = /\?([^#]*)/.exec(pasted)?.[1] ?? (/(^|&)code=/.test(pasted) ? pasted : null);
  if (query !== null) return codeOf(new URLSearchParams(query), state);
  if (/^https?:/i.test(pasted)) return codeOf(new URLSearchParams({ state }), state);
  // Google's codes hold a slash, which the address bar shows escaped.
  return pasted.replace(/%2f/gi, "/");
}
