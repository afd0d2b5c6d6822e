import { expect, it } from "vitest";
import { smallStories } from "./small.ts";
import { playStory } from "./story.ts";

it("two-way keeps its promises on all trees of up to four items and two names, with one act a side", () => {
  let count = 0;
  for (const story of smallStories("two-way", 4)) {
    playStory(story);
    count++;
  }
  expect(count).toBe(53_965);
}, 120_000);
