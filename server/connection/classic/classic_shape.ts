/**
 * Under which keys a classic client sends, and so reads.
 *
 * @module
 */

import type { Fields } from "../../../common/wire/fields.ts";

/** The actions and keys of messages: of those under which a client sends, the first one there counts. */
export const MESSAGE_KEYS = {
  text: ["mess_text", "message_text", "msg_text", "text", "message"],
  to: ["to", "destination", "receiver"],
  from: ["from", "sender"],
} as const;

/** Keys under which a name is given that is nobody's who sends or gets. */
export const NAME_KEYS = ["account_name", "user_id", "user_login"] as const;

/** The first of these keys that an object has. */
export function keyIn(fields: Fields, keys: readonly string[]): string | undefined {
  return keys.find((key) => fields[key] !== undefined);
}

/**
 * How a message looks to one client: as it last sent one itself. Before it has, a message has the keys that clients of
 * its kind look for; which kind that is, its presence tells.
 */
export class ClassicShape {
  /** The client's name as it spelt it: the `to` of what it gets. Set when it is online. */
  name = "";
  #action: "msg" | "message" = "message";
  #text: readonly string[] = ["mess_text", "message_text"];
  #to: readonly string[] = ["to", "destination"];
  #from: readonly string[] = ["from", "sender"];
  #hasSent = false;

  /** Learns from a presence. */
  sawPresence({ time, type }: Fields, user: Fields): void {
    if (this.#hasSent) return;
    const isWordy = typeof time === "string" || type !== undefined || user.status !== undefined;
    this.#action = isWordy ? "msg" : "message";
    this.#text = isWordy ? ["message"] : ["mess_text", "message_text"];
  }

  /** Learns from a message; where it has none of the keys for something, those of before stay. */
  sawMessage(action: "msg" | "message", fields: Fields): void {
    this.#hasSent = true;
    this.#action = action;
    const used = (keys: readonly string[], before: readonly string[]): readonly string[] => {
      const key = keyIn(fields, keys);
      return key === undefined ? before : [key];
    };
    this.#text = used(MESSAGE_KEYS.text, this.#text);
    this.#to = used(MESSAGE_KEYS.to, this.#to);
    this.#from = used(MESSAGE_KEYS.from, this.#from);
  }

  /** A message for the client, as an object. */
  messageOf(time: number, from: string, text: string): Record<string, string | number> {
    const object: Record<string, string | number> = { action: this.#action, time };
    for (const key of this.#from) object[key] = from;
    for (const key of this.#to) object[key] = this.name;
    for (const key of this.#text) object[key] = text;
    return object;
  }
}
