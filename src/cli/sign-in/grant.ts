import { randomBytes } from "node:crypto";
import {
  beginSignIn,
  type Grant,
  type SignIn,
  type SignInSecrets,
  signInByDevice,
  signInFlows,
} from "../../app.ts";
import { isProviderError } from "../../core/error.ts";
import { CommandFailure } from "../failure.ts";
import type { Output } from "../output.ts";
import type { AccountDraft, Service } from "./account.ts";
import { type Loopback, openLoopback } from "./loopback.ts";
import type { Person } from "./person.ts";
import { demandOf, mendOf, pastedCode } from "./redirect.ts";

/** The ways to a grant: each asks the person at the terminal to agree in a browser. */
export interface Way {
  readonly settings: AccountDraft["settings"];
  /** Of the redirect address; null: the service's usual one. */
  readonly port: number | null;
  readonly output: Output;
  readonly person: Person;
}

/** What people call the services. */
export const titles: Readonly<Record<Service, string>> = {
  dropbox: "Dropbox",
  "google-drive": "Google Drive",
  onedrive: "OneDrive",
};

/** Where people end what they allowed. */
const permissions: Readonly<Record<Service, string>> = {
  dropbox: "https://www.dropbox.com/account/connected_apps",
  "google-drive": "https://myaccount.google.com/connections",
  onedrive: "https://microsoft.com/consent",
};

/** For redirect addresses that must be entered at the app beforehand, as Dropbox wants it. */
const fixedPort = 53_682;
const patienceMs = 5 * 60_000;

/** A browser on this machine, which is sent back to it. */
export async function grantByBrowser(way: Way): Promise<Grant> {
  const { settings, port, output, person } = way;
  const secrets = newSecrets();
  // Apps of Google's type "Desktop" are sent back to any port, those of Microsoft too.
  const usualPort = settings.provider === "dropbox" ? fixedPort : 0;
  const loopback = await openLoopback(port ?? usualPort, secrets.state);
  const address = redirectTo(settings.provider, loopback);
  try {
    const signIn = await beginSignIn(settings, secrets, address);
    showAddress(signIn, way);
    output.note(demandOf(settings.provider, address));
    return await mended(way, address, async () => {
      const [code] = await Promise.all([
        loopback.code(patienceMs),
        openBrowser(signIn, person, output),
      ]);
      return exchange(signIn, code, settings.provider);
    });
  } finally {
    loopback.close();
  }
}

/** A browser anywhere; the person carries a code from here to there, or from there to here. */
export function grantElsewhere(way: Way): Promise<Grant> {
  const { settings, output } = way;
  if (settings.provider !== "onedrive" || settings.clientSecret !== undefined) {
    return grantByPaste(way);
  }
  return signInByDevice(settings, ({ url, code }) =>
    output.note(
      `To sign in to ${titles.onedrive}, open this address on any device:\n\n  ${url}\n\n` +
        `and enter the code ${code}. Waiting.`,
    ),
  );
}

async function grantByPaste(way: Way): Promise<Grant> {
  const { settings, port, output, person } = way;
  const secrets = newSecrets();
  const ask = async (signIn: SignIn, question: string) => {
    output.note(question);
    const code = pastedCode((await person.readLine()) ?? "", secrets.state);
    return exchange(signIn, code, settings.provider);
  };
  if (settings.provider === "dropbox") {
    const signIn = await signInFlows.dropbox(settings, secrets, null);
    showAddress(signIn, way);
    return ask(signIn, "Then paste the code that Dropbox shows, and press Enter:");
  }
  const here = { host: "127.0.0.1", port: port ?? fixedPort };
  const address = redirectTo(settings.provider, here);
  const signIn = await beginSignIn(settings, secrets, address);
  showAddress(signIn, way);
  output.note(demandOf(settings.provider, address));
  return mended(way, address, () =>
    ask(
      signIn,
      "The browser then goes to a page that can't be shown. That is right: paste the address of that\n" +
        "page, or the code in it, and press Enter:",
    ),
  );
}

/** Where the service does not know the address to send the browser back to, what to enter is said as well. */
async function mended<T>({ settings }: Way, address: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CommandFailure) && !isProviderError(error)) throw error;
    const mend = mendOf(settings.provider, address, error.message);
    if (mend === null) throw error;
    throw new CommandFailure(`${error.message}: ${mend}`, { cause: error });
  }
}

function newSecrets(): SignInSecrets {
  const random = () => randomBytes(32).toString("base64url");
  return { state: random(), codeVerifier: random() };
}

/**
 * Dropbox takes http only for this name (OAuth guide), Google recommends the number ("Loopback IP address").
 * Microsoft takes any port of this name, and compares the path (Entra docs: "Redirect URI restrictions").
 */
function redirectTo(service: Service, { host, port }: Pick<Loopback, "host" | "port">): string {
  if (service === "onedrive") return `http://localhost:${port}`;
  return `http://${service === "dropbox" ? "localhost" : host}:${port}/`;
}

function showAddress({ url }: SignIn, { settings, output }: Way): void {
  output.note(`To sign in to ${titles[settings.provider]}, open this address:\n\n  ${url}\n`);
}

async function openBrowser({ url }: SignIn, person: Person, output: Output): Promise<void> {
  const isOpened = await person.openBrowser(url);
  output.note(
    isOpened
      ? "Waiting for your browser, which should show it now."
      : "No browser could be opened here: open it on this machine, or use --no-browser. Waiting.",
  );
}

async function exchange(signIn: SignIn, code: string, service: Service): Promise<Grant> {
  try {
    return await signIn.exchange(code);
  } catch (error) {
    if (!isProviderError(error, "unexpected")) throw error;
    const advice = `run the command again; if it stays so, first end the app's access at ${permissions[service]}`;
    throw new CommandFailure(`${error.message}: ${advice}`, { cause: error });
  }
}
