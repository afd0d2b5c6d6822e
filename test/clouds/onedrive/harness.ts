import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { createOneDriveCloud, type OneDriveCloud, type OneDriveCloudOptions } from "./cloud.ts";
import type { People } from "./people.ts";

/** A stand-in for one test, with signed-in raw requests. */
export interface Harness {
  readonly cloud: OneDriveCloud;
  readonly files: People;
  readonly origin: string;
  /** A signed-in request; a path is one of Graph v1.0, redirects are not followed. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** The JSON of a request that has to succeed. */
  get<T = Json>(path: string): Promise<T>;
  /** The same with a body of JSON. */
  send<T = Json>(
    method: string,
    path: string,
    body: unknown,
    headers?: Record<string, string>,
  ): Promise<T>;
}

/** What answers hold, as far as tests look at it. */
export interface Json {
  readonly id: string;
  readonly name: string;
  readonly eTag: string;
  readonly cTag?: string;
  readonly size: number;
  readonly value: Json[];
  readonly uploadUrl: string;
  readonly nextExpectedRanges: string[];
  readonly parentReference: { id?: string; driveId: string; path?: string };
  readonly file?: { mimeType: string; hashes?: Record<string, string> };
  readonly folder?: { childCount: number };
  readonly deleted?: { state: string };
  readonly fileSystemInfo: { lastModifiedDateTime: string; createdDateTime: string };
  readonly "@odata.nextLink"?: string;
  readonly "@odata.deltaLink"?: string;
  readonly "@microsoft.graph.downloadUrl": string;
}

/** Starts a stand-in that is closed when the test ends. */
export async function startCloud(options: OneDriveCloudOptions = {}): Promise<Harness> {
  const cloud = createOneDriveCloud(options);
  onTestFinished(() => cloud.close());
  const origin = await cloud.start();
  const authorization = `Bearer ${cloud.accessToken()}`;
  const request: Harness["request"] = (path, init = {}) =>
    fetch(path.startsWith("http") ? path : `${origin}/v1.0${path}`, {
      redirect: "manual",
      ...init,
      headers: { authorization, ...init.headers },
    });
  const read = async <T>(answer: Response) => {
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  return {
    cloud,
    origin,
    files: cloud.files,
    request,
    get: async (path) => read(await request(path)),
    send: async (method, path, body, headers = {}) =>
      read(await request(path, { ...jsonInit(method, body), headers: { ...json, ...headers } })),
  };
}

const json = { "content-type": "application/json" };

/** A request with a body of JSON. */
export function jsonInit(method: string, body: unknown): RequestInit {
  return { method, headers: json, body: JSON.stringify(body) };
}

/** Status and code of an error answer, with its inner code where it has one. */
export async function codeOf(answer: Response): Promise<string> {
  const { error } = (await answer.json()) as {
    error: { code: string; innerError: { code?: string } };
  };
  const inner = error.innerError.code;
  return `${answer.status} ${error.code}${inner === undefined ? "" : ` ${inner}`}`;
}

/** A page of a delta round. */
export interface Round {
  readonly items: Json[];
  readonly link: string;
  readonly pages: number;
}

/** Follows a delta link, or starts anew, to the end of the round. */
export async function deltaRound({ get }: Harness, from = "/me/drive/root/delta"): Promise<Round> {
  const items: Json[] = [];
  let next: string | undefined = from;
  let link = "";
  let pages = 0;
  while (next !== undefined) {
    const page: Json = await get(next);
    items.push(...page.value);
    pages += 1;
    next = page["@odata.nextLink"];
    link = page["@odata.deltaLink"] ?? "";
  }
  return { items, link, pages };
}

const publicOrigin = "https://sync.example";

/** A receiver of notifications, and what it was sent. */
export interface Receiver {
  readonly url: string;
  readonly notes: Note[];
  /** What it answers to a validation: the token, or something else. */
  validates: boolean;
  status: number;
  until(count: number): Promise<void>;
}

export interface Note {
  readonly subscriptionId: string;
  readonly clientState?: string;
  readonly changeType?: string;
  readonly lifecycleEvent?: string;
  readonly resource: string;
}

/** Starts a receiver that is closed when the test ends; this stand-in calls it by a public https address. */
export async function startReceiver({ caller }: Pick<OneDriveCloud, "caller">): Promise<Receiver> {
  const notes: Note[] = [];
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const token = new URL(req.url ?? "", "http://receiver").searchParams.get("validationToken");
    if (token !== null) {
      const body = receiver.validates ? token : "no";
      res.writeHead(200, { "content-type": "text/plain" }).end(body);
      return;
    }
    if (receiver.status < 300) {
      notes.push(...(JSON.parse(Buffer.concat(chunks).toString()) as { value: Note[] }).value);
    }
    res.writeHead(receiver.status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  caller.lead(publicOrigin, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const receiver: Receiver = {
    url: `${publicOrigin}/hook?rule=1`,
    notes,
    validates: true,
    status: 202,
    async until(count) {
      while (notes.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    },
  };
  return receiver;
}

/** A whole upload by session; gives the answer to its last fragment. */
export async function uploadAll(uploadUrl: string, bytes: Uint8Array): Promise<Response> {
  return fetch(uploadUrl, {
    method: "PUT",
    headers: { "content-range": `bytes 0-${bytes.length - 1}/${bytes.length}` },
    body: Buffer.from(bytes),
  });
}
