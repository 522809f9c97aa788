/**
 * Who came into a room and who left it, as a line.
 *
 * @module
 */

import type { Speaker } from "../texts/texts.ts";
import { barOf, type Gutter, noticeHead } from "./message_head.ts";
import type { Moved } from "./moves.ts";
import { clockSpan } from "./render.ts";
import { NEWS_MARK } from "./render_room.ts";
import { type Line, span } from "./styled_line.ts";

/** How many names a line has of those who came or went at once. */
const MOST_NAMED = 3;

/**
 * One line: a sentence about one person, `[12:34:56] *** #dev + ann, bob and 3 others − kim` about several. It is dim, since
 * nobody is spoken to.
 */
export function renderMoved(
  { room, came, went, time }: Moved,
  { say }: Speaker,
  gutter: Gutter = {},
): Line {
  const isOne = came.length + went.length === 1;
  const spans = [...noticeHead(clockSpan(time), span(NEWS_MARK, "faint"), gutter)];
  const [first = ""] = [...came, ...went];
  if (isOne) {
    const words = say(came.length === 1 ? "joined" : "left", { name: first, room });
    spans.push(span(words, "faint"));
  } else {
    const signs = ([["+", came], ["−", went]] as const)
      .filter(([, names]) => names.length > 0)
      .map(([sign, names]) => `${sign} ${namesWords(names, say)}`);
    spans.push(span(`${room} ${signs.join("  ")}`, "faint"));
  }
  return { kind: "info", spans, indent: barOf(gutter) };
}

/** Three by name at most, so that it stays one line. */
function namesWords(names: readonly string[], say: Speaker["say"]): string {
  const named = names.slice(0, MOST_NAMED);
  const count = names.length - named.length;
  if (count > 0) return say("namesMany", { names: named.join(", "), count });
  const last = named.pop() ?? "";
  return named.length === 0 ? last : say("namesSeveral", { names: named.join(", "), last });
}
