import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** The person at the terminal, as far as a sign-in needs them. */
export interface Person {
  /** Shows a page in their browser; false where there is none to open. */
  openBrowser(url: string): Promise<boolean>;
  /** The next line that they type or pipe in; null when the input ends before. */
  readLine(): Promise<string | null>;
}

export const personAtTerminal: Person = {
  openBrowser(url) {
    const [command, ...args] = browserCommand();
    if (command === undefined) return Promise.resolve(false);
    return new Promise((resolve) => {
      const child = spawn(command, [...args, url], { stdio: "ignore", detached: true });
      child.once("error", () => resolve(false));
      child.once("spawn", () => resolve(true));
      child.unref();
    });
  },
  async readLine() {
    for await (const line of createInterface({ input: process.stdin, terminal: false })) {
      return line;
    }
    return null;
  },
};

/** What opens an address here; empty without a screen. */
function browserCommand(): string[] {
  const { DISPLAY, WAYLAND_DISPLAY, BROWSER } = process.env;
  switch (process.platform) {
    case "darwin":
      return ["open"];
    case "win32":
      // `start` belongs to cmd, which takes the & of an address for its own.
      return ["rundll32", "url.dll,FileProtocolHandler"];
    default:
      return DISPLAY || WAYLAND_DISPLAY || BROWSER ? ["xdg-open"] : [];
  }
}
