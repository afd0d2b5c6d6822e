import type { MemoryKind } from "./kinds.ts";
import { openMemoryGrounds } from "./memory-grounds.ts";
import { testScenarios } from "./suite.ts";

/** Names that differ in nothing, and names of which one side takes more for equal, or holds twice. */
const pairs: readonly (readonly [MemoryKind, MemoryKind])[] = [
  ["plain", "plain"],
  ["dropbox", "drive"],
  ["drive", "dropbox"],
];

for (const [from, to] of pairs) {
  testScenarios({
    open: () => openMemoryGrounds(),
    over: "in memory",
    kinds: { from, to },
    // A mirror image with Dropbox first is the scenario itself with Drive first.
    isPlayed: ({ isMirrorImage, on }) => !isMirrorImage || on !== undefined || from !== "dropbox",
  });
}

testScenarios({
  open: () => openMemoryGrounds({ oneAccount: true }),
  over: "in one account in memory",
  kinds: { from: "dropbox", to: "dropbox" },
  isPlayed: ({ isMirrorImage }) => !isMirrorImage,
});
