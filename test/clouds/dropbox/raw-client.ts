import type { DropboxCloud } from "./cloud.ts";

/** An answer as it came over the wire. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly text: string;
  /** The body as JSON, or the metadata of a download; empty where there is none. */
  readonly json: Json;
}

/** JSON for reading in tests: what is missing is undefined. */
interface Json {
  readonly [name: string]: Json & (string | number | boolean | undefined);
}

/** Plain requests to a stand-in, as `curl` would make them. */
export interface RawClient {
  rpc(route: string, argument?: unknown, headers?: Record<string, string>): Promise<Reply>;
  upload(route: string, argument: unknown, body?: string | Uint8Array): Promise<Reply>;
  download(route: string, argument: unknown, headers?: Record<string, string>): Promise<Reply>;
}

/** A client that is signed in with all scopes, or with the given token. */
export function createRawClient(cloud: DropboxCloud, token = cloud.oauth.accessToken()): RawClient {
  const authorization = `Bearer ${token}`;
  const post = async (route: string, init: RequestInit) =>
    readReply(await fetch(`${cloud.origin}/2/${route}`, { method: "POST", ...init }));
  return {
    rpc(route, argument, headers = { authorization }) {
      if (argument === undefined) return post(route, { headers });
      const type = { "content-type": "application/json" };
      return post(route, { headers: { ...headers, ...type }, body: JSON.stringify(argument) });
    },
    upload(route, argument, body = "") {
      const type = { "content-type": "application/octet-stream" };
      const headers = { authorization, ...type, "dropbox-api-arg": headerJson(argument) };
      return post(route, { headers, body: Buffer.from(body) });
    },
    download: (route, argument, headers = {}) =>
      post(route, {
        headers: { authorization, "dropbox-api-arg": headerJson(argument), ...headers },
      }),
  };
}

/** JSON in ASCII, as a header needs it. */
function headerJson(argument: unknown): string {
  return JSON.stringify(argument).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

async function readReply(response: Response): Promise<Reply> {
  const bytes = Buffer.from(await response.arrayBuffer());
  const text = bytes.toString("utf8");
  const result = response.headers.get("dropbox-api-result");
  const isJson = response.headers.get("content-type") === "application/json";
  const json = JSON.parse(result ?? (isJson && text !== "null" ? text : "{}")) as Json;
  return { status: response.status, headers: response.headers, bytes, text, json };
}
