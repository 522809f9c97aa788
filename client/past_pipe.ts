/**
 * What is kept, printed for scripts.
 *
 * @module
 */

import { isRoomAddress, type KeptDelivery } from "../common/wire/protocol.ts";
import { renderKept } from "./chat/render_kept.ts";
import { readQuery } from "./chat/search.ts";
import { paint } from "./chat/styled_line.ts";
import type { JimClient } from "./library/jim_client.ts";
import { harmlessJson } from "./pipe.ts";
import type { Speaker } from "./texts/texts.ts";

/** How to print messages. */
export interface PrintOptions {
  /** How many, at most. */
  limit: number;
  /** One JSON value a line, as it came but for {@linkcode harmlessJson}, instead of text for people. */
  asJson: boolean;
  /** Writes to standard output. */
  out: (text: string) => void;
  /** The language. */
  speaker: Speaker;
}

/** Messages that are asked for at once; the most that the protocol allows. */
const PAGE = 100;

/**
 * Prints the newest messages of a conversation, the oldest of them first, and says goodbye. A room is entered for that;
 * one that is not there is not made.
 *
 * @throws {RefusedError} If the server does not show them.
 */
export async function printHistory(
  client: JimClient,
  name: string,
  options: PrintOptions,
): Promise<void> {
  const { limit } = options;
  await enter(client, name);
  const pages: KeptDelivery[][] = [];
  let count = 0;
  for await (const page of client.historyPages(name, { pageSize: Math.min(limit, PAGE) })) {
    const taken = page.slice(-(limit - count));
    pages.unshift(taken);
    count += taken.length;
    if (count >= limit) break;
  }
  for (const message of pages.flat()) print(client, message, options);
  await client.quit();
}

/**
 * Prints what a search finds, the newest first, and says goodbye.
 *
 * @param typed As behind the command `search`; a room that it names is entered.
 * @throws {RefusedError} If the server does not look for that.
 */
export async function printHits(
  client: JimClient,
  typed: string,
  options: PrintOptions,
): Promise<void> {
  const { text, ...place } = readQuery(typed);
  if (place.with !== undefined) await enter(client, place.with);
  for await (const hit of client.search(text, { ...place, limit: options.limit })) {
    print(client, hit, options);
  }
  await client.quit();
}

async function enter(client: JimClient, name: string): Promise<void> {
  if (!isRoomAddress(name)) return;
  await client.room(name); // else a room that is not there would be made
  await client.join(name);
}

function print(client: JimClient, message: KeptDelivery, options: PrintOptions): void {
  const { asJson, out, speaker } = options;
  if (asJson) {
    out(harmlessJson(JSON.stringify(message)) + "\n");
    return;
  }
  const look = { isDim: false, ownName: client.name ?? "" };
  for (const line of renderKept(message, { speaker, multiline: false }, look)) {
    out(`${dayOf(message.time)} ${paint(line)}\n`);
  }
}

/** The day as ISO 8601 writes it, in local time. */
function dayOf(time: number): string {
  const date = new Date(time * 1000);
  if (Number.isNaN(date.getTime())) return "----------";
  const parts = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  return parts.map((part) => String(part).padStart(2, "0")).join("-");
}
