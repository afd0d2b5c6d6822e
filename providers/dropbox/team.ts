/**
 * Sends requests about files so that their paths begin at the folder of the whole team, in which a member's own
 * folder is one of many; without it Dropbox begins in that own folder (Dropbox docs: "Path Root header modes").
 * `root` tells the namespace of that folder and is asked once. Dropbox refuses it with 422 when the account has
 * changed its team meanwhile: other files would be there under the same paths, so that is final.
 */
export function fromTeamRoot(send: typeof fetch, root: () => Promise<string>): typeof fetch {
  let asked: Promise<string> | null = null;
  return async (input, init) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    if (!isRooted(pathname)) return send(input, init);
    asked ??= root();
    asked.catch(() => {
      asked = null;
    });
    const headers = new Headers(init?.headers);
    const mode = { ".tag": "root", root: await asked };
    headers.set("Dropbox-API-Path-Root", JSON.stringify(mode));
    return send(input, { ...init, headers });
  };
}

/** The long poll takes no header of an account: its cursor says all. */
function isRooted(path: string): boolean {
  return path.startsWith("/2/files/") && !path.endsWith("/longpoll");
}
