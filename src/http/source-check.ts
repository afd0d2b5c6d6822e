import { ProviderError } from "../core/error.ts";
import type { Source } from "../core/provider.ts";
import { type CheckedHash, createSingleHasher } from "./hash.ts";

/** Compares what a source gives with what it announces; sees every byte once, however often parts are read again. */
export interface SourceCheck {
  /** `corrupt`: more bytes than announced. `bytes` begin at `position`. */
  take(position: number, bytes: Uint8Array): void;
  /** `corrupt`: the source ended at another size, or is another content, than announced. */
  end(position: number): void;
  /** The hash that is computed, of all that was taken; null: it is not known, as not all was. */
  digest(): string | null;
}

const preferred: readonly CheckedHash[] = ["md5", "sha256", "sha1", "quickXor"];

/**
 * A source that tells its own content checks its hashes by itself. `source` names it in messages, as in
 * `google-drive: the source of "a.txt"`; `learn`: the hash to compute even where the source announces none.
 */
export function createSourceCheck(
  { sizeBytes, hashes, content }: Source,
  source: string,
  learn?: CheckedHash,
): SourceCheck {
  const name = learn ?? preferred.find((each) => hashes[each] !== undefined);
  const hash = content || !name ? null : createSingleHasher(name);
  let seen = 0;
  let isWhole = true;
  let digest: string | null = null;

  function corrupt(words: string) {
    return new ProviderError("corrupt", `${source} ${words}`);
  }

  return {
    take(position, bytes) {
      isWhole &&= position <= seen;
      const fresh = bytes.subarray(Math.max(0, seen - position));
      if (fresh.length === 0) return;
      if (isWhole) hash?.update(fresh);
      seen = position + bytes.length;
      if (sizeBytes !== null && seen > sizeBytes) {
        throw corrupt(`has more than the announced ${sizeBytes} bytes`);
      }
    },
    end(position) {
      if (sizeBytes !== null && position !== sizeBytes) {
        throw corrupt(`has ${position} bytes, announced were ${sizeBytes}`);
      }
      if (!hash || !name || !isWhole || seen !== position || digest !== null) return;
      digest = hash.digest();
      const announced = hashes[name];
      if (announced === undefined || digest === announced) return;
      throw corrupt(`has another ${name} than announced`);
    },
    digest: () => digest,
  };
}
