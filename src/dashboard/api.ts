import { type ClientResponse, hc } from "hono/client";
import type { Api } from "../server/api/api.ts";
import type { Problem } from "../server/problem.ts";

/** What the server is asked with; every address counts from that of the page, which may lie below a path. */

export const addressOf = (path: string): string => new URL(path, document.baseURI).href;

export const api = hc<Api>(addressOf("api/v1"));

/** The server has refused it, or could not be reached. */
export class Failed extends Error {
  override readonly name = "Failed";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** Hears of it when the server no longer knows who we are. */
let onSignedOut = () => {};
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

const unreachable: Problem = {
  code: "unreachable",
  message: "The server can't be reached.",
  mend: "Check that it runs, and your connection. This page goes on by itself.",
};

/** What was given; rejects with `Failed`. */
export async function ask<T>(call: Promise<ClientResponse<T>>): Promise<T> {
  const answer = await call.catch(() => {
    throw new Failed(unreachable);
  });
  if (!answer.ok) throw await failure(answer);
  return (await answer.json()) as T;
}

/** The same, of what is no JSON. */
export async function askBytes(call: Promise<Response | ClientResponse<unknown>>): Promise<Blob> {
  const answer = await call.catch(() => {
    throw new Failed(unreachable);
  });
  if (!answer.ok) throw await failure(answer);
  return answer.blob().catch(() => {
    throw new Failed(cutOff);
  });
}

const cutOff: Problem = {
  code: "cut-off",
  message: "It could not be read to its end.",
  mend: "Try again: the file may just be changing.",
};

/** The same, for addresses of better-auth, which the client knows no types of. */
export async function askAuth(path: string, body?: object): Promise<unknown> {
  const init: RequestInit =
    body === undefined
      ? {}
      : {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        };
  const answer = await fetch(addressOf(`api/auth/${path}`), init).catch(() => {
    throw new Failed(unreachable);
  });
  if (!answer.ok) throw await failure(answer);
  return answer.json();
}

async function failure(answer: Pick<Response, "status" | "json">): Promise<Failed> {
  const body: unknown = await answer.json().catch(() => null);
  const isOurs = typeof body === "object" && body !== null && "error" in body;
  const problem = isOurs ? (body.error as Problem) : unreachable;
  if (problem.code === "sign-in-needed") onSignedOut();
  return new Failed(problem);
}

/** Whatever went wrong, in words for people. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Failed) return error.problem;
  return { code: "broken", message: error instanceof Error ? error.message : String(error) };
}
