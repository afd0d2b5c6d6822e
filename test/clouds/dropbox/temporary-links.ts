import { randomText } from "../kit/random.ts";
import { type Route, text } from "../kit/request.ts";
import { contentAnswer } from "./content-answer.ts";
import type { Revision } from "./item.ts";

/** Addresses that give a file's bytes to anyone, for four hours. */
export interface TemporaryLinks {
  readonly route: Route;
  /** Path of a new link. */
  mint(revision: Revision): string;
}

const lifetimeMs = 4 * 60 * 60 * 1000;

/** No links yet. */
export function createTemporaryLinks(options: {
  readonly now: () => number;
  readonly random: () => number;
}): TemporaryLinks {
  const links = new Map<string, { readonly revision: Revision; readonly expiresAt: number }>();
  return {
    mint(revision) {
      const token = randomText(options.random, 36);
      links.set(token, { revision, expiresAt: options.now() + lifetimeMs });
      return `/cd/0/get/${token}/file`;
    },
    route: {
      name: "temporary-link",
      method: "GET",
      path: /^\/cd\/0\/get\/([0-9a-f]+)\/file$/,
      handle(request) {
        const link = links.get(request.params[0] ?? "");
        if (link === undefined) return text(404, "no such link");
        if (link.expiresAt <= options.now()) return text(410, "this link has expired");
        return contentAnswer(link.revision.version.content, request, {});
      },
    },
  };
}
