import { randomBytes } from "node:crypto";
import { isIP } from "node:net";
import { type AccountSettings, isServiceAccount } from "../core/account.ts";
import { formatLocation } from "../core/rule.ts";
import { bare, reachOf } from "../http/address.ts";
import { type Resolve, resolveHost } from "../notify/reach.ts";
import type { Fields } from "../store/made.ts";
import type { Engine, SignIn } from "./engine.ts";
import { Refused } from "./problem.ts";

/** How accounts of the dashboard come to be, are signed in to anew, and go. */
export interface Connections {
  /** An account whose fields are all there. Gives who is signed in. `isHere`: see `NewSignIn`. */
  add(name: string, fields: Fields, isHere: boolean): Promise<string>;
  /** Begins a sign-in in the person's browser: the service's page. `fields`: without a refresh token. */
  begin(about: NewSignIn): Promise<string>;
  /** The end of a sign-in: gives the name of the account. */
  end(answer: ServiceAnswer): Promise<string>;
  remove(name: string, withRules: boolean): Promise<void>;
}

export interface NewSignIn {
  readonly name: string;
  /** Absent: those of the account as it is. */
  readonly fields?: Fields;
  /** Where the service sends the browser back to. */
  readonly redirectUri: string;
  /** Whose browser it is. */
  readonly user: string;
  /** Whether they sit at this machine. From elsewhere no `origin` may lead to this machine or its network. */
  readonly isHere: boolean;
}

/** What the browser comes back with. */
export interface ServiceAnswer {
  readonly provider: string;
  readonly user: string;
  readonly query: URLSearchParams;
}

interface Pending {
  readonly name: string;
  readonly provider: string;
  readonly fields: Fields;
  readonly user: string;
  readonly signIn: SignIn;
  readonly endsMs: number;
}

const patienceMs = 15 * 60_000;
/** Stands where the service has not given one yet. */
const noToken = "to be given by the service";

export function createConnections(engine: Engine, resolve: Resolve = resolveHost): Connections {
  const pending = new Map<string, Pending>();
  const madeFields = (name: string) =>
    engine.store.made.accounts().find((each) => each.name === name)?.fields ?? null;

  /** Fields of which all is right, with the settings that they are. */
  function settingsOf(name: string, fields: Fields) {
    const provider = String(fields.provider);
    const { config } = engine.draft((made) => made.putAccount(name, provider, fields));
    const settings = config.accounts.get(name);
    if (!settings) throw new Refused(422, { code: "invalid", message: "This is no account." });
    return settings;
  }

  /** Else whoever is signed in from afar could have this machine ask its neighbours. */
  async function refuseNear(settings: AccountSettings): Promise<void> {
    const { origin = {} } = settings.provider === "local" ? {} : settings;
    const hosts = Object.values(origin).map((each) => bare(new URL(each).hostname));
    for (const host of new Set(hosts)) {
      const addresses = isIP(host) === 0 ? await resolve(host).catch(() => []) : [host];
      if (addresses.length > 0 && addresses.every((each) => reachOf(each) === "public")) continue;
      throw new Refused(422, {
        code: "invalid",
        message: `${host} is not an address of the internet, and the origin of an account that is made from another machine must be one.`,
        field: "origin",
        mend: `Write the account into ${engine.file}, or make it in a browser on the machine of Syncline itself.`,
      });
    }
  }

  async function keep(name: string, fields: Fields): Promise<string> {
    const { id, label } = await engine.identify(name, settingsOf(name, fields));
    refuseOther(name, id);
    await engine.change((made) => made.putAccount(name, String(fields.provider), fields));
    return label;
  }

  /** All that is known of an account would be forgotten if it were somebody else's from now on. */
  function refuseOther(name: string, identity: string): void {
    const known = engine.store.accounts.all().find((each) => each.name === name);
    const isNew = madeFields(name) === null;
    if (isNew || !known?.identity || known.identity === identity) return;
    throw new Refused(409, {
      code: "other-account",
      message: `Account "${name}" was ${known.label}, and this is another one.`,
      mend: "Sign in as before, or add this one under a name of its own.",
    });
  }

  function taken(name: string): void {
    if (!engine.current().config.accounts.has(name)) return;
    throw new Refused(422, {
      code: "invalid",
      message: `There is an account "${name}" already: each needs its own name.`,
      field: "name",
    });
  }

  return {
    async add(name, fields, isHere) {
      taken(name);
      if (!isHere) await refuseNear(settingsOf(name, fields));
      return keep(name, fields);
    },
    async begin({ name, fields: given, redirectUri, user, isHere }) {
      const known = madeFields(name);
      if (!known) taken(name);
      const asked = { ...known, ...given };
      const fields = "serviceAccount" in asked ? asked : { refreshToken: noToken, ...asked };
      const settings = settingsOf(name, fields);
      if (settings.provider === "local") {
        const message = "A folder of this machine needs no sign-in.";
        throw new Refused(422, { code: "invalid", message, field: "provider" });
      }
      if (isServiceAccount(settings)) {
        throw new Refused(422, {
          code: "invalid",
          message: "Its key signs a service account in.",
          field: "serviceAccount",
          mend: "Take the account out, and make it anew with another key.",
        });
      }
      if (given && !isHere) await refuseNear(settings);
      const secrets = { state: random(), codeVerifier: random() };
      const signIn = await engine.beginSignIn(settings, secrets, redirectUri);
      const now = engine.now();
      for (const [state, { endsMs }] of pending) if (endsMs < now) pending.delete(state);
      const { provider } = settings;
      pending.set(secrets.state, {
        name,
        provider,
        fields,
        user,
        signIn,
        endsMs: now + patienceMs,
      });
      return signIn.url;
    },
    async end({ provider, user, query }) {
      const state = query.get("state") ?? "";
      const begun = pending.get(state);
      pending.delete(state);
      const isOurs = begun?.provider === provider && begun.user === user;
      if (!begun || !isOurs || begun.endsMs < engine.now()) throw strayAnswer();
      const { refreshToken } = await begun.signIn.exchange(codeOf(query));
      await keep(begun.name, { ...begun.fields, refreshToken });
      return begun.name;
    },
    async remove(name, withRules) {
      const { config, inFile } = engine.current();
      const using = config.rules.filter(({ from, to }) =>
        [from, ...to].some(({ account }) => account === name),
      );
      const fixed = using.filter((rule) => inFile.rules.has(rule.name));
      if (fixed.length > 0 || (using.length > 0 && !withRules)) {
        const list = using
          .map((rule) => `"${rule.name}" (${formatLocation(rule.from)})`)
          .join(", ");
        throw new Refused(409, {
          code: "in-use",
          message: `Account "${name}" is used by ${list}.`,
          mend:
            fixed.length > 0
              ? `Take those that stand in ${engine.file} out there first.`
              : "End these rules first, or with the account.",
        });
      }
      await engine.change((made) => {
        for (const rule of using) made.removeRule(rule.name);
        made.removeAccount(name);
      });
    },
  };
}

const random = () => randomBytes(32).toString("base64url");

function codeOf(query: URLSearchParams): string {
  const error = query.get("error");
  const code = query.get("code");
  if (error === null && code) return code;
  const words = query.get("error_description") ?? error ?? "it sent no code";
  if (error === "access_denied") {
    throw new Refused(409, {
      code: "declined",
      message: "Access was not allowed at the service.",
      mend: "Begin again, and allow it there.",
    });
  }
  throw new Refused(502, {
    code: "service",
    message: `The service refused the sign-in: ${words}`,
    mend: "Check client id, secret and redirect addresses of your app there.",
  });
}

const strayAnswer = () =>
  new Refused(409, {
    code: "stray",
    message: "This answer belongs to no sign-in that you have begun here in the last 15 minutes.",
    mend: "Begin again.",
  });
