/**
 * Reads what clients sent and saw, and finds what the contract forbids.
 *
 * @module
 */

import { notFreed, twoOwners } from "./names.ts";
import type { ChaosRecord, ClientRecord, FinalState, Happening, NodeEnd, Time } from "./record.ts";
import type { Violation } from "./violation.ts";

/** Milliseconds within which a node ends. */
const END_MS = 5_000;
/** By how many descriptors a node may grow: the thread that reads what is kept, which begins late, has 10. */
const MAX_DESCRIPTORS = 16;

/**
 * Checks a record:
 *
 * 1. lost: what was answered 202 has come in the end, and what was answered with a number is in the conversation on all
 *    nodes; of what its sender had deleted the number is there.
 * 2. doubled: no text is in a conversation twice, nor received twice under two numbers.
 * 3. order: to each client the kept messages of a room come in rising order of their numbers.
 * 4. differs: all nodes have the same conversations in the end.
 * 5. two owners: no name is held by two clients at one moment, by their own records; who is on a node that is stopped
 *    holds it for 6 s, and may learn of that when the node goes on.
 * 6. not freed: the names of a dead node are free within 10 s, within 20 s if a NATS server died with it.
 * 7. deleted text: after a deletion was answered, no page has the text.
 * 8. missed: who is in a room, and asks for what it has missed when it comes back, gets all that others keep there: from
 *    the first message that it got to the last one; to the end, if it stayed.
 * 9. not back: each name has a client that stayed.
 * 10. presence: in the end each node lists who stayed, and nobody else: in its list of all, and in each room.
 * 11. end: a node that is asked to end does so by itself, within 5 s, and until then has not gathered descriptors.
 */
export function check(record: ChaosRecord): Violation[] {
  return [
    ...lostOrDoubled(record),
    ...outOfOrder(record),
    ...different(record.finals),
    ...twoOwners(record),
    ...notFreed(record),
    ...deletedTexts(record),
    ...missed(record),
    ...notBack(record.clients),
    ...wrongLists(record),
    ...badEnds(record.ends),
  ];
}

type Of<What extends Happening["what"]> = Extract<Happening, { what: What }>;

function only<What extends Happening["what"]>(
  { happenings }: ClientRecord,
  what: What,
): Of<What>[] {
  return happenings.filter((it): it is Of<What> => it.what === what);
}

function* lostOrDoubled({ clients, finals }: ChaosRecord): Generator<Violation> {
  // A deletion that was not answered may be done.
  const deleting = new Set(clients.flatMap((it) => only(it, "deleting").map(({ text }) => text)));
  const received = new Set(clients.flatMap((it) => only(it, "received").map(({ text }) => text)));
  for (const { node, messages, conversation } of finals) {
    const seen = new Map<string, number>();
    for (const { seq, text } of messages) {
      if (text === undefined) continue;
      const earlier = seen.get(text);
      if (earlier !== undefined) {
        const what = `${node} has '${text}' in ${conversation} as ${earlier} and as ${seq}`;
        yield { rule: "doubled", what };
      }
      seen.set(text, seq);
    }
  }
  for (const client of clients) {
    const numbers = new Map<string, number>();
    for (const { text, seq } of only(client, "received")) {
      if (seq === undefined) continue;
      const earlier = numbers.get(text);
      if (earlier !== undefined && earlier !== seq) {
        yield {
          rule: "doubled",
          what: `${client.client} got '${text}' as ${earlier} and as ${seq}`,
        };
      }
      numbers.set(text, seq);
    }
  }
  // What each node has, by its text; by its number what has none any more.
  const kept = new Map<string, Set<string | number>>();
  for (const { node, messages } of finals) {
    const has = kept.get(node) ?? new Set();
    for (const { seq, text } of messages) has.add(text ?? seq);
    kept.set(node, has);
  }
  for (const client of clients) {
    for (const { text, code, seq } of only(client, "answered")) {
      const isPromised = code === 202 || (code === 200 && seq !== undefined);
      if (!isPromised) continue;
      if (code === 202 && !received.has(text) && !deleting.has(text)) {
        yield { rule: "lost", what: `'${text}' was answered 202 and never came` };
      }
      if (seq === undefined) continue;
      for (const [node, has] of kept) {
        if (has.has(text) || (deleting.has(text) && has.has(seq))) continue;
        yield {
          rule: "lost",
          what: `'${text}' was answered ${code} as ${seq}; ${node} has it not`,
        };
      }
    }
  }
}

function* outOfOrder({ clients }: ChaosRecord): Generator<Violation> {
  for (const client of clients) {
    const last = new Map<string, { seq: number; text: string }>();
    for (const { what, ...it } of client.happenings) {
      if (what !== "received") continue;
      const { to, seq, text } = it as Of<"received">;
      if (!to.startsWith("#") || seq === undefined) continue;
      const before = last.get(to);
      if (before !== undefined && seq <= before.seq && text !== before.text) {
        yield {
          rule: "order",
          what:
            `${client.client} got ${seq} '${text}' of ${to} behind ${before.seq} '${before.text}'`,
        };
      }
      if (before === undefined || seq > before.seq) last.set(to, { seq, text });
    }
  }
}

function* different(finals: readonly FinalState[]): Generator<Violation> {
  const first = new Map<string, FinalState>();
  for (const state of finals) {
    const { conversation, node } = state;
    const other = first.get(conversation);
    if (other === undefined) {
      first.set(conversation, state);
      continue;
    }
    const [mine, its] = [state, other].map(({ messages }) =>
      messages.map(({ seq, text }) => `${seq} ${text ?? "(deleted)"}`)
    ) as [string[], string[]];
    const at = mine.findIndex((line, index) => line !== its[index]);
    if (at === -1 && mine.length === its.length) continue;
    const index = at === -1 ? mine.length : at;
    yield {
      rule: "differs",
      what: `${conversation}: ${node} has ${mine[index] ?? "nothing"} where ${other.node} has ` +
        (its[index] ?? "nothing"),
    };
  }
}

function* deletedTexts({ clients, finals }: ChaosRecord): Generator<Violation> {
  const deleted = new Map<string, Time>();
  for (const client of clients) {
    for (const { text, at } of only(client, "deleted")) deleted.set(text, at);
  }
  for (const client of clients) {
    for (const { at, of, texts } of only(client, "page")) {
      for (const { text } of texts) {
        const since = text === undefined ? undefined : deleted.get(text);
        if (since === undefined || at <= since) continue;
        yield { rule: "deleted text", what: `${client.client} read '${text}' in ${of}` };
      }
    }
  }
  for (const { node, conversation, messages } of finals) {
    for (const { text } of messages) {
      if (text === undefined || !deleted.has(text)) continue;
      yield { rule: "deleted text", what: `${node} has '${text}' in ${conversation}` };
    }
  }
}

function* missed({ clients, finals }: ChaosRecord): Generator<Violation> {
  const rooms = new Map<string, FinalState>();
  for (const state of finals) {
    const { conversation } = state;
    if (!rooms.has(conversation)) rooms.set(conversation, state);
  }
  for (const client of clients) {
    const own = new Set(only(client, "sent").map(({ text }) => text));
    const hasStayed = only(client, "stayed").length > 0;
    for (const [room, got] of Map.groupBy(only(client, "received"), ({ to }) => to)) {
      const seqs = got.flatMap(({ seq }) => seq ?? []);
      const [first, last] = [Math.min(...seqs), hasStayed ? Infinity : Math.max(...seqs)];
      const known = new Set(seqs);
      for (const { seq, text } of rooms.get(room)?.messages ?? []) {
        const isDue = text !== undefined && !own.has(text) && seq > first && seq < last;
        if (!isDue || known.has(seq)) continue;
        yield { rule: "missed", what: `${client.client} never got ${seq} '${text}' of ${room}` };
      }
    }
  }
}

function* notBack(clients: readonly ClientRecord[]): Generator<Violation> {
  for (const [name, holders] of Map.groupBy(clients, ({ name }) => name)) {
    if (holders.some((client) => only(client, "stayed").length > 0)) continue;
    yield { rule: "not back", what: `nobody was online as ${name} in the end` };
  }
}

function* badEnds(ends: readonly NodeEnd[]): Generator<Violation> {
  for (const { node, code, tookMs, descriptors } of ends) {
    if (code !== 0) yield { rule: "end", what: `${node} ended with ${code ?? "a kill"}` };
    if (tookMs > END_MS) yield { rule: "end", what: `${node} took ${tookMs} ms to end` };
    const [first, last] = descriptors ?? [0, 0];
    if (last <= first + MAX_DESCRIPTORS) continue;
    yield { rule: "end", what: `${node} had ${last} descriptors in the end, ${first} at first` };
  }
}

function* wrongLists({ clients, presences }: ChaosRecord): Generator<Violation> {
  const stayed = clients.filter((client) => only(client, "stayed").length > 0);
  const due = stayed.map(({ name }) => name).sort().join(" ");
  for (const { node, where, names } of presences) {
    const listed = names.join(" ");
    if (listed === due) continue;
    yield { rule: "presence", what: `${where} on ${node}: ${listed}, not ${due}` };
  }
}
