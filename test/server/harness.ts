import { createHash } from "node:crypto";
import { onTestFinished } from "vitest";
import { nothingMade, parseUnion } from "../../src/config/union.ts";
import { createSpare, createTransferLanes } from "../../src/engine/budget.ts";
import { systemClock } from "../../src/engine/system-clock.ts";
import { createNotifier } from "../../src/notify/notifier.ts";
import type { Passwords } from "../../src/server/auth.ts";
import { createDashboard } from "../../src/server/dashboard.ts";
import type { Engine } from "../../src/server/engine.ts";
import { createHub } from "../../src/server/hub.ts";
import { createItself } from "../../src/server/itself.ts";
import { createServerApp } from "../../src/server/server.ts";
import { createSetUp } from "../../src/server/set-up.ts";
import { createTally } from "../../src/server/tally.ts";
import { openStore } from "../../src/store/open.ts";
import type { Role } from "../../src/store/people.ts";

/** The dashboard's server over a state in memory, and browsers that keep their cookies. */

export const password = "a long enough password";
const here = "http://localhost:8787";
let addresses = 0;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface Browser {
  /** As a page of the dashboard asks. */
  ask(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  readonly cookies: Map<string, string>;
}

/** No scrypt: one for every person took most of the time of these tests. */
const digestOf = (text: string) => createHash("sha256").update(text).digest("hex");
const quick: Passwords = {
  hash: async (given) => digestOf(given),
  verify: async ({ hash, password: given }) => hash === digestOf(given),
};

/** A house without rules. */
function emptyEngine(now: () => number, publicUrl: string | null): Engine {
  const nobody = () => Promise.reject(new Error("there are no rules"));
  const store = openStore({ file: ":memory:", key: new Uint8Array(32), now });
  const parsed = parseUnion(null, nothingMade, { file: "", env: {}, readFile: () => "" });
  if ("problems" in parsed) throw new Error("nothing is wrong with nothing");
  return {
    store,
    context: {
      store,
      clock: systemClock,
      newId: () => "id",
      lanes: createTransferLanes(0),
      spare: createSpare(0),
      tell: () => {},
    },
    now,
    publicUrl,
    planSecret: "a secret",
    itself: createItself("a secret"),
    examine: async () => [],
    file: "syncline.yaml",
    hub: createHub(now),
    tally: createTally(),
    apiCalls: () => ({}),
    current: () => parsed.union,
    course: () => ({ sinceMs: 0, problems: [] }),
    account(name) {
      throw new Error(`there is no account ${name}`);
    },
    isCalled: () => false,
    wake: () => false,
    between: nobody,
    change: nobody,
    notifier: createNotifier({
      store,
      contacts: () => [],
      rules: () => [],
      clock: systemClock,
      newId: () => "id",
      allowNear: false,
      link: null,
      onProblem: () => {},
    }),
    draft: () => ({ ...parsed.union, doubts: [] }),
    preview: nobody,
    identify: nobody,
    beginSignIn: nobody,
  };
}

export interface HouseOptions {
  readonly publicUrl?: string | null;
  /** Default: one without rules, over a state in memory. */
  readonly engine?: Engine;
  /** Whether passwords are kept as the program keeps them, which takes its time. */
  readonly keepsPasswordsWell?: boolean;
}

export function createHouse(options: HouseOptions = {}) {
  const { publicUrl = null, engine: given, keepsPasswordsWell = false } = options;
  let nowMs = Date.now();
  const now = () => nowMs;
  const engine = given ?? emptyEngine(now, publicUrl);
  const { store } = engine;
  const setUp = createSetUp(store, now);
  const errors: Error[] = [];
  const onError = (error: Error) => void errors.push(error);
  const dashboard = createDashboard({
    engine,
    setUp,
    secret: "a secret of at least thirty-two characters",
    ...(!keepsPasswordsWell && { passwords: quick }),
    publicUrl,
    version: "1.2.3",
    onError,
  });
  const app = createServerApp({
    calls: { find: () => null, dropboxApps: () => [] },
    isReady: () => true,
    publicUrl,
    now,
    onError,
    dashboard: async () => dashboard,
  });
  onTestFinished(() => {
    if (!given) store.close();
    if (errors[0]) throw errors[0];
  });

  /** Each browser is at an address of its own, all of this machine, so that limits of one are not those of another. */
  function browser(origin = here): Browser {
    addresses += 1;
    const remoteAddress = `127.1.${addresses >> 8}.${addresses & 255}`;
    const cookies = new Map<string, string>();
    return {
      cookies,
      async ask(method, path, body, headers = {}) {
        const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
        const init = {
          method,
          headers: {
            ...(method !== "GET" && { origin }),
            ...(cookie !== "" && { cookie }),
            ...(body !== undefined && { "content-type": "application/json" }),
            ...headers,
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        };
        const peer = { incoming: { socket: { remoteAddress } } };
        const answer = await app.request(`${origin}${path}`, init, peer);
        for (const each of answer.headers.getSetCookie()) {
          const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(each) ?? [];
          if (value === "") cookies.delete(name);
          else cookies.set(name, value);
        }
        const text = await answer.text();
        const isJson = answer.headers.get("content-type")?.match(/^application\/json(;|$)/);
        return {
          status: answer.status,
          headers: answer.headers,
          body: isJson ? JSON.parse(text) : text,
        };
      },
    };
  }

  /** The first admin, who has just set up. */
  async function admin(): Promise<Browser> {
    const page = browser();
    const person = { name: "Ada", email: "ada@example.com", password };
    await page.ask("POST", "/api/v1/set-up", { code: setUp.code, ...person });
    return page;
  }

  /** Somebody whom the admin has invited; signed in. */
  async function invited(by: Browser, role: Role, email = `${role}@example.com`): Promise<Browser> {
    const { body } = await by.ask("POST", "/api/v1/invitations", { email, role });
    const token = field(body, "token");
    const page = browser();
    await page.ask("POST", `/api/v1/invitations/${token}`, { name: role, password });
    return page;
  }

  return {
    app,
    /** All that it answers. */
    routes: [...app.routes, ...dashboard.routes],
    store,
    setUp,
    browser,
    admin,
    invited,
    advance(ms: number) {
      nowMs += ms;
    },
  };
}

/** A part of an answer by its path, `error.code`. */
export function field(body: unknown, path: string): unknown {
  let at = body;
  for (const name of path.split(".")) {
    at = typeof at === "object" && at !== null ? Reflect.get(at, name) : undefined;
  }
  return at;
}
