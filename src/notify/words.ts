import type { Notice, NoticeEvent } from "../core/notice.ts";

/** Notices in words, for every kind of channel. */

const fewNames = 4;

/** All events as one notice. */
export function noticeOf(events: readonly NoticeEvent[]): Notice {
  return { title: titleOf(events), events };
}

/** What a person gets who wants to see whether notices arrive. */
export const testNotice: Notice = {
  title: "A test from Syncline",
  events: [{ when: "test", text: "notices arrive here", todo: null }],
};

const nameOf = ({ rule, account }: NoticeEvent) => rule ?? account ?? "";
const isOver = ({ when }: NoticeEvent) => when === "in-step" || when === "signed-in";

function titleOf(events: readonly NoticeEvent[]): string {
  const news = events.filter((event) => !isOver(event));
  const [first, ...others] = news;
  if (!first) return `In order again: ${named(events)}`;
  if (others.length > 0) return `${news.length} things need you: ${named(news)}`;
  return `${nameOf(first)}: ${titles[first.when]}`;
}

const titles: Readonly<Record<NoticeEvent["when"], string>> = {
  held: "waits for you",
  failing: "fails",
  stale: "is out of step",
  "sign-in-needed": "needs a new sign-in",
  "in-step": "is in step again",
  "signed-in": "is signed in again",
  test: "a test",
};

function named(events: readonly NoticeEvent[]): string {
  const names = [...new Set(events.map(nameOf))];
  const more = names.length > fewNames ? ` and ${names.length - fewNames} more` : "";
  return `${names.slice(0, fewNames).join(", ")}${more}`;
}

/** Plain text; `link` leads to the dashboard, where it has an address. */
export function textOf({ events }: Notice, link: string | null): string {
  const parts = events.map(({ text, todo }) => (todo === null ? `${text}.` : `${text}.\n${todo}`));
  return [...parts, ...(link === null ? [] : [link])].join("\n\n");
}

/** What Slack's incoming webhooks take. */
export function slackBody(notice: Notice, link: string | null): object {
  const escaped = (text: string) =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return { text: `*${escaped(notice.title)}*\n${escaped(textOf(notice, link))}` };
}

/** What ntfy takes as JSON, see https://docs.ntfy.sh/publish/#publish-as-json */
export function ntfyBody(notice: Notice, topic: string, link: string | null): object {
  const isBad = notice.events.some((event) => !isOver(event) && event.when !== "test");
  return {
    topic,
    title: notice.title,
    message: textOf(notice, null),
    priority: isBad ? 4 : 3,
    tags: [isBad ? "warning" : "white_check_mark"],
    ...(link !== null && { click: link }),
  };
}

/** The document of a webhook. */
export function webhookBody(
  notice: Notice,
  { id, at, link }: { readonly id: string; readonly at: Date; readonly link: string | null },
): object {
  return {
    type: notice.events.some(({ when }) => when === "test") ? "syncline.test" : "syncline.notice",
    id,
    timestamp: at.toISOString(),
    data: { title: notice.title, events: notice.events, text: textOf(notice, link), link },
  };
}
