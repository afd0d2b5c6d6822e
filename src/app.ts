import { createHash, createHmac, randomUUID } from "node:crypto";
import type { Config } from "./config/parse.ts";
import { secretsIn } from "./config/secrets.ts";
import type {
  AccountSettings,
  DropboxSettings,
  GoogleDrivePersonSettings,
  OneDriveSettings,
} from "./core/account.ts";
import type { TreeView } from "./core/entry.ts";
import type {
  Clock,
  Identity,
  Lack,
  Provider,
  ProviderContext,
  Grant as SignInGrant,
  Tokens,
} from "./core/provider.ts";
import type { Rule } from "./core/rule.ts";
import { openKeys } from "./encrypt/keys.ts";
import { withEncryption } from "./encrypt/provider.ts";
import { createShownNames, storedTree } from "./encrypt/shown.ts";
import type { Records } from "./encrypt/vault.ts";
import { createSpare, createTransferLanes } from "./engine/budget.ts";
import type { EngineAccount, EngineContext, Job } from "./engine/context.ts";
import type { EngineEvent } from "./engine/event.ts";
import { ensureKnown } from "./engine/feed.ts";
import { jobsOf, type OpenAccount } from "./engine/job.ts";
import { systemClock } from "./engine/system-clock.ts";
import { withAudit } from "./layers/audit.ts";
import { type RequestLine, withLog } from "./layers/log.ts";
import { createPace, withPace } from "./layers/pace.ts";
import { withReadonly } from "./layers/readonly.ts";
import { withRetry } from "./layers/retry.ts";
import { withoutSecrets, withSound } from "./layers/sound.ts";
import { viewName } from "./store/accounts.ts";
import { deriveSecret } from "./store/derived.ts";
import { loadKey } from "./store/key.ts";
import { openStore, type Store, stateFile } from "./store/open.ts";

/** The wiring: the only file that knows which adapters there are and in which order the layers lie. */

export interface App {
  /** As it is now, see `adopt`. */
  readonly config: Config;
  readonly context: EngineContext;
  readonly store: Store;
  /** Opens an account at its first use; sends no request by itself. */
  account: OpenAccount;
  /** One job for each destination of the rule. */
  jobsOf(rule: Rule): Job[];
  /** By account name, who is signed in with the settings as they are now, as far as that was learned. */
  identities(): ReadonlyMap<string, string>;
  /**
   * Asks accounts that may turn out to be one, since there are several of their service, who is signed in,
   * where that is not known yet. One that can't be asked stays unknown.
   */
  introduce(): Promise<void>;
  /** Requests that each account has been sent since the start. */
  apiCalls(): Readonly<Record<string, number>>;
  /** Goes on with another configuration; closes accounts that are others in it, or gone: of them nothing may run. */
  adopt(config: Config): Promise<void>;
  /** One secret for each purpose, the same with every start on this data folder. */
  secret(purpose: string): string;
  close(): Promise<void>;
}

export interface AppOptions {
  readonly config: Config;
  /** Folder of the state and the key. */
  readonly dataFolder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly tell: (event: EngineEvent) => void;
  readonly log: (line: RequestLine) => void;
  /** Ends all waiting: retries, pauses. */
  readonly signal: AbortSignal;
  /** No request may change anything at a provider; default false. */
  readonly readonly?: boolean;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** What requests to services go out by; default: the runtime's own. */
  readonly send?: typeof fetch;
}

/** How long a start waits for who is signed in. */
const patienceMs = 5_000;
/** What all transfers of the process may hold at once. */
const transferBytes = 60 * 1024 * 1024;
/** What they may hold beyond that to go faster. */
const spareBytes = 56 * 1024 * 1024;

export function openApp(options: AppOptions): App {
  const { dataFolder, env, tell, log, signal, readonly = false } = options;
  const { clock = systemClock, send = fetch } = options;
  let { config } = options;
  const key = loadKey(env, dataFolder);
  const viewHash = createViewHash(deriveSecret(key, "settings"));
  const store = openStore({ file: stateFile(dataFolder), key, now: clock.now });
  const spare = createSpare(spareBytes);
  const context: EngineContext = {
    store,
    clock,
    newId: () => randomUUID(),
    lanes: createTransferLanes(transferBytes),
    spare,
    tell,
  };
  const accounts = new Map<string, Opened>();
  const calls: Record<string, number> = {};

  function open(name: string, through: Rule | null): EngineAccount {
    const settings = config.accounts.get(name);
    if (!settings) throw new Error(`there is no account "${name}"`);
    const own = store.accounts.ensure(name, settings.provider);
    const keys = through?.encryption ? openKeys(through.encryption) : null;
    // Another key gives other names to what is there.
    const names = keys?.names?.seal("").slice(0, 8) ?? null;
    const { id } =
      keys && through
        ? store.accounts.ensure(viewName(name, through.name, names), settings.provider)
        : own;
    const tree = store.trees.of(id);
    const below = keys ? storedTree(tree, createShownNames(keys.names)) : tree;
    calls[name] ??= 0;
    const tokens = store.accounts.tokens(own.id, hashOf(settings));
    const adapter = openAdapter(settings, {
      account: name,
      tree: below,
      tokens,
      clock,
      spare,
      stateFolder: dataFolder,
      fetch: (...request) => {
        calls[name] = (calls[name] ?? 0) + 1;
        return send(...request);
      },
    });
    const sound = withSound(adapter, name, () => secretsOf(settings, tokens.load()));
    // Beneath all that waits or repeats: a row for each request as it goes out, and for none that is turned down before.
    const audited = withAudit(sound, { account: name, tree: below, writer: store.audit });
    const paced = withPace(audited, createPace(clock), signal);
    const logged = withLog(paced, name, clock, (line) => {
      log(line);
      // Told at the first failure: the retries behind it may take minutes.
      const { method, failure, message } = line;
      if (method !== "changes" || failure !== "unavailable" || signal.aborted) return;
      store.accounts.setProblem(id, message ?? failure, failure);
    });
    const retried = withRetry(logged, clock, undefined, signal);
    const bare = readonly ? withReadonly(retried, name) : retried;
    const paths = through?.to.filter((to) => to.account === name).map(({ path }) => path) ?? [];
    const provider = keys
      ? withEncryption(bare, { account: name, tree, keys, records: recordsOf(store), paths })
      : bare;
    return { id, name, provider, tree, settingsHash: viewHash(settings, through) };
  }

  function account(name: string, rule?: Rule): EngineAccount {
    const through = rule?.encryption ? rule : null;
    const key = through ? `${name}#${through.name}` : name;
    const known = accounts.get(key)?.account;
    if (known) return known;
    const opened = open(name, through);
    accounts.set(key, { account: opened, rule: through?.name ?? null });
    return opened;
  }

  async function closeAll(): Promise<void> {
    await Promise.all([...accounts.values()].map(({ account }) => account.provider.close?.()));
    accounts.clear();
  }

  return {
    get config() {
      return config;
    },
    context,
    store,
    account,
    jobsOf: (rule) => jobsOf(rule, account, store),
    identities: () => identitiesOf(config, store),
    async introduce() {
      const services = Map.groupBy(config.accounts, ([, { provider }]) => provider);
      const names = [...services.values()]
        .filter((accounts) => accounts.length > 1)
        .flatMap((accounts) => accounts.map(([name]) => name));
      // Whoever reads the account tells what is wrong with it, and a service that is away stops nobody.
      const patience = new AbortController();
      const asked = Promise.allSettled(names.map((name) => ensureKnown(account(name), context)));
      const waited = clock.sleep(patienceMs, patience.signal).catch(() => {});
      await Promise.race([asked, waited]);
      patience.abort();
    },
    apiCalls: () => ({ ...calls }),
    async adopt(next) {
      await loadAdapters(next.accounts.values());
      config = next;
      const others = [...accounts].filter(([, { account, rule }]) => {
        const settings = next.accounts.get(account.name);
        const through = next.rules.find(({ name }) => name === rule) ?? null;
        return !settings || viewHash(settings, through) !== account.settingsHash;
      });
      for (const [key] of others) accounts.delete(key);
      await Promise.all(others.map(([, { account }]) => account.provider.close?.()));
    },
    secret: (purpose) => deriveSecret(key, purpose),
    async close() {
      await closeAll();
      store.close();
    },
  };
}

/** See `App.identities`. */
export function identitiesOf(
  { accounts }: Pick<Config, "accounts">,
  store: Pick<Store, "accounts">,
): ReadonlyMap<string, string> {
  const known = store.accounts.all().flatMap(({ name, provider, identity, settingsHash }) => {
    const settings = accounts.get(name);
    const isCurrent = settings?.provider === provider && hashOf(settings) === settingsHash;
    return isCurrent && identity !== null ? [[name, identity] as const] : [];
  });
  return new Map(known);
}

/** What is known of a sign-in, and what it is short of. */
export interface KnownGrant extends SignInGrant {
  readonly lack: Lack | null;
}

/** By account name, what was learned of the sign-in with the settings as they are now; needs the key of `store`. */
export async function grantsOf(
  { accounts }: Pick<Config, "accounts">,
  store: Pick<Store, "accounts">,
): Promise<ReadonlyMap<string, KnownGrant>> {
  const known = new Map<string, KnownGrant>();
  for (const { id, name } of store.accounts.all()) {
    const settings = accounts.get(name);
    const grant = settings && store.accounts.grant(id, hashOf(settings));
    if (!grant) continue;
    known.set(name, { ...grant, lack: grant.scopes && (await lackOf(settings, grant.scopes)) });
  }
  return known;
}

async function lackOf(settings: AccountSettings, scopes: readonly string[]): Promise<Lack | null> {
  switch (settings.provider) {
    case "dropbox":
      return (await import("../providers/dropbox/scopes.ts")).lackOf(scopes);
    case "google-drive":
      return (await import("../providers/google-drive/scopes.ts")).lackOf(scopes);
    case "onedrive":
      return (await import("../providers/onedrive/scopes.ts")).lackOf(settings, scopes);
    case "local":
      return null;
  }
}

type Kind = AccountSettings["provider"];
type OpenAdapter<K extends Kind> = (
  settings: Extract<AccountSettings, { readonly provider: K }>,
  context: ProviderContext,
) => Provider;

/** A service's SDK takes much memory and time to load: only those that some account needs are. */
const adapters: { readonly [K in Kind]: () => Promise<OpenAdapter<K>> } = {
  dropbox: async () => (await import("../providers/dropbox/provider.ts")).openDropbox,
  "google-drive": async () =>
    (await import("../providers/google-drive/provider.ts")).openGoogleDrive,
  onedrive: async () => (await import("../providers/onedrive/provider.ts")).openOneDrive,
  local: async () => (await import("../providers/local/provider.ts")).openLocal,
};

const loaded = new Map<Kind, OpenAdapter<Kind>>();

/** Has to be done before accounts of these services are opened. */
export async function loadAdapters(
  accounts: Iterable<Pick<AccountSettings, "provider">>,
): Promise<void> {
  const kinds = new Set([...accounts].map(({ provider }) => provider));
  await Promise.all(
    [...kinds].map(async (kind) => {
      // What is kept under a kind is asked for with settings of that kind alone.
      loaded.set(kind, (await adapters[kind]()) as OpenAdapter<Kind>);
    }),
  );
}

function openAdapter(settings: AccountSettings, context: ProviderContext): Provider {
  const open = loaded.get(settings.provider);
  if (!open) throw new Error(`the adapter of ${settings.provider} was not loaded`);
  return open(settings, context);
}

interface Opened {
  readonly account: EngineAccount;
  /** Through whose encryption; null: as it is. */
  readonly rule: string | null;
}

/** What no message may show of an account. */
function secretsOf(settings: object, tokens: Tokens | null): string[] {
  const { accessToken = [], refreshToken = [] } = tokens ?? {};
  return [...secretsIn(settings), accessToken, refreshToken].flat();
}

const recordsOf = ({ encrypted, commit }: Store): Records => ({
  get: encrypted.get,
  put: (stored, record) => commit(() => encrypted.put(stored, record)),
});

/** Kept in the state to notice another sign-in; a hash, because settings hold secrets, too long to be guessed. */
const hashOf = (settings: AccountSettings): string =>
  createHash("sha256").update(JSON.stringify(settings)).digest("hex");

/** The same through a rule's encryption: a passphrase could be guessed, so that its hash takes a secret of the key. */
const createViewHash =
  (secret: string) =>
  (settings: AccountSettings, through: Rule | null): string => {
    if (!through?.encryption) return hashOf(settings);
    const { encryption, to } = through;
    const text = JSON.stringify({ settings, encryption, to });
    return createHmac("sha256", secret).update(text).digest("hex");
  };

/** An account by itself, for one purpose: it needs no state, and its tokens are forgotten with it. */
export async function openAlone(
  account: string,
  settings: AccountSettings,
  tree: TreeView,
): Promise<Provider> {
  let kept: Tokens | null = null;
  await loadAdapters([settings]);
  const adapter = openAdapter(settings, {
    account,
    tree,
    tokens: {
      load: () => kept,
      save(tokens) {
        kept = tokens;
      },
    },
    clock: systemClock,
  });
  const sound = withSound(adapter, account, () => secretsOf(settings, kept));
  return withRetry(withPace(sound, createPace(systemClock)), systemClock);
}

/** Who is signed in with these settings; keeps nothing and needs no state. */
export async function identify(account: string, settings: AccountSettings): Promise<Identity> {
  const nothing = { get: () => null, children: () => [], named: () => [] };
  const provider = await openAlone(account, settings, nothing);
  try {
    return await provider.identity();
  } finally {
    await provider.close?.();
  }
}

/** One way of a person through their browser, from the provider's page to a grant. */
export interface SignIn {
  /** The page where the person agrees. */
  readonly url: string;
  /** The grant for the code that they come back with. `unauthorized` when it is wrong, used or too old. */
  exchange(code: string): Promise<Grant>;
}

export interface Grant {
  readonly refreshToken: string;
  /** When the refresh token dies by itself; null: not by time. */
  readonly expiresAt: Date | null;
}

/** Random values that belong to one sign-in. */
export interface SignInSecrets {
  readonly state: string;
  /** RFC 7636: 43 to 128 URL-safe characters. */
  readonly codeVerifier: string;
}

/** What a service says of a code shows neither that nor another secret of the sign-in. */
const exchanging =
  (settings: object, codeVerifier: string, exchange: SignIn["exchange"]): SignIn["exchange"] =>
  (code) =>
    exchange(code).catch((error: unknown) => {
      throw withoutSecrets(error, [...secretsIn(settings), codeVerifier, code]);
    });

/** How each service's sign-in by redirect begins; sends no request by itself. */
export const signInFlows = {
  /** Without a redirect address Dropbox shows the code to copy. */
  async dropbox(
    settings: Omit<DropboxSettings, "refreshToken">,
    { state, codeVerifier }: SignInSecrets,
    redirectUri: string | null,
  ): Promise<SignIn> {
    const dropboxAuth = await import("../providers/dropbox/auth.ts");
    const request = redirectUri === null ? { codeVerifier } : { codeVerifier, redirectUri, state };
    return {
      url: dropboxAuth.authorizeUrl(settings, request),
      exchange: exchanging(settings, codeVerifier, async (code) => {
        const now = systemClock.now();
        const { refreshToken } = await dropboxAuth.exchangeCode(settings, code, {
          ...request,
          now,
        });
        return { refreshToken, expiresAt: null };
      }),
    };
  },
  async "google-drive"(
    settings: Omit<GoogleDrivePersonSettings, "refreshToken">,
    { state, codeVerifier }: SignInSecrets,
    redirectUri: string,
  ): Promise<SignIn> {
    const googleAuth = await import("../providers/google-drive/auth.ts");
    return {
      url: googleAuth.authorizeUrl(settings, { state, codeVerifier, redirectUri }),
      exchange: exchanging(settings, codeVerifier, async (code) => {
        const request = { code, codeVerifier, redirectUri };
        const grant = await googleAuth.exchangeCode(settings, request, systemClock);
        return { refreshToken: grant.refreshToken, expiresAt: grant.refreshTokenExpiresAt };
      }),
    };
  },
  async onedrive(
    settings: Omit<OneDriveSettings, "refreshToken">,
    { state, codeVerifier }: SignInSecrets,
    redirectUri: string,
  ): Promise<SignIn> {
    const oneDriveAuth = await import("../providers/onedrive/auth.ts");
    return {
      url: await oneDriveAuth.authorizeUrl(settings, { state, codeVerifier, redirectUri }),
      exchange: exchanging(settings, codeVerifier, async (code) => {
        const request = { code, codeVerifier, redirectUri };
        const context = { clock: systemClock };
        const refreshToken = await oneDriveAuth.exchangeCode(settings, request, context);
        return { refreshToken, expiresAt: null };
      }),
    };
  },
};

/** The sign-in by redirect of an account's service; `settings` need no refresh token yet. */
export async function beginSignIn(
  settings: SignInSettings,
  secrets: SignInSecrets,
  redirectUri: string,
): Promise<SignIn> {
  switch (settings.provider) {
    case "dropbox":
      return signInFlows.dropbox(settings, secrets, redirectUri);
    case "google-drive":
      return signInFlows["google-drive"](settings, secrets, redirectUri);
    case "onedrive":
      return signInFlows.onedrive(settings, secrets, redirectUri);
  }
}

/** What a sign-in needs to know of an account. */
export type SignInSettings =
  | Omit<DropboxSettings, "refreshToken">
  | Omit<GoogleDrivePersonSettings, "refreshToken">
  | Omit<OneDriveSettings, "refreshToken">;

/**
 * Signs in to OneDrive with a browser on any device, where the person enters the code that `show` gets; for
 * apps without a secret. `unauthorized` when they decline, or do not come in time.
 */
export async function signInByDevice(
  settings: Omit<OneDriveSettings, "refreshToken">,
  show: (prompt: { readonly url: string; readonly code: string }) => void,
): Promise<Grant> {
  const context = { clock: systemClock };
  const oneDriveAuth = await import("../providers/onedrive/auth.ts");
  const refreshToken = await oneDriveAuth.signInByDevice(settings, show, context);
  return { refreshToken, expiresAt: null };
}
