import type { Resume, Source } from "../../src/core/provider.ts";

/** What the engine keeps of an upload. */
export function createKept() {
  const positions: number[] = [];
  let saved: string | null = null;
  const resume: Resume = {
    get saved() {
      return saved;
    },
    async save(state, sentBytes) {
      saved = state;
      positions.push(sentBytes);
    },
  };
  return { positions, resume };
}

/** The same source, and where it was opened. */
export function opens(source: Source) {
  const opened: number[] = [];
  const open = (offset = 0) => {
    opened.push(offset);
    return source.open(offset);
  };
  return { opened, source: { ...source, open } };
}

/** The same source, which breaks on its way. */
export function breaking(source: Source, afterBytes: number): Source {
  async function* pieces(offset: number) {
    let givenBytes = offset;
    for await (const piece of await source.open(offset)) {
      yield piece;
      givenBytes += piece.length;
      if (givenBytes >= afterBytes) throw new Error("the source broke");
    }
  }
  return { ...source, open: async (offset = 0) => ReadableStream.from(pieces(offset)) };
}

/** Options of an upload that is stopped, as a process is that is killed, once so many bytes are on their way. */
export function killedAt(limitBytes: number) {
  const stop = new AbortController();
  return {
    signal: stop.signal,
    onProgress(sentBytes: number) {
      if (sentBytes >= limitBytes) stop.abort(new Error("killed"));
    },
  };
}
