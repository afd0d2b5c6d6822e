import { bytesContent, joinedContent } from "../kit/content.ts";
import { blobOf } from "./blob.ts";
import type { Choices } from "./context.ts";
import type { Drive } from "./drive.ts";
import { headOf, type Item } from "./item.ts";

/**
 * SharePoint writes its properties into Office, PDF and HTML files after they were uploaded: size, hash and tags
 * change some moments later, with no new version (OneDrive/onedrive-api-docs issue 935).
 */
export interface Office {
  /** To be called with every file that was uploaded. */
  uploaded(drive: Drive, item: Item): void;
  /** Rewrites at once what is due later. */
  settle(): void;
  /** Forgets what is due. */
  stop(): void;
}

const rewritten = /\.(?:docx|xlsx|pptx|docm|xlsm|pptm|pdf|html|htm)$/i;

export function createOffice(choices: Choices): Office {
  const due = new Map<NodeJS.Timeout, () => void>();
  return {
    uploaded(drive, item) {
      const { officeRewriteMs } = choices;
      const applies = drive.type !== "personal" && rewritten.test(item.name);
      if (!applies || officeRewriteMs === null || headOf(item)?.blob.content.sizeBytes === 0)
        return;
      const timer = setTimeout(() => {
        due.delete(timer);
        rewrite(drive, item);
      }, officeRewriteMs);
      timer.unref();
      due.set(timer, () => rewrite(drive, item));
    },
    settle() {
      const all = [...due];
      due.clear();
      for (const [timer, run] of all) {
        clearTimeout(timer);
        run();
      }
    },
    stop() {
      for (const timer of due.keys()) clearTimeout(timer);
      due.clear();
    },
  };
}

/** Nothing happens where the file was changed, or went away, in the meantime. */
function rewrite(drive: Drive, uploaded: Item): void {
  const item = drive.find(uploaded.id);
  const head = item === undefined ? undefined : headOf(item);
  if (item === undefined || head === undefined || head !== headOf(uploaded)) return;
  const properties = bytesContent(Buffer.from(`<properties guid="${item.guid}"/>`));
  const blob = blobOf(joinedContent([head.blob.content, properties]));
  const versions = [...item.versions.slice(0, -1), { ...head, blob }];
  drive.update(item.id, { versions }, true);
}
