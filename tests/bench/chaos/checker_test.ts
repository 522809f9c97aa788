import { assertEquals } from "@std/assert";

import { check } from "../../../bench/chaos/checker.ts";
import type {
  ChaosRecord,
  ClientRecord,
  FinalState,
  Happening,
} from "../../../bench/chaos/record.ts";
import { seededRandom } from "../../support/random.ts";

type Draft = {
  clients: (Omit<ClientRecord, "happenings"> & { happenings: Happening[] })[];
  finals:
    (Omit<FinalState, "messages"> & { messages: { seq: number; text: string | undefined }[] })[];
  presences: ChaosRecord["presences"][number][];
  freed: ChaosRecord["freed"][number][];
  stops: ChaosRecord["stops"][number][];
  ends: ChaosRecord["ends"][number][];
};

/** A room, three clients, three nodes, two of which forget nothing: all is as it should be. */
function goodRecord(seed: number): Draft {
  const random = seededRandom(seed);
  const names = ["ann", "bob", "kim"];
  const clients: Draft["clients"] = names.map((name) => ({
    ...{ client: name, name, isAccount: name !== "kim" },
    happenings: [{ what: "online", at: 0, resumed: false, on: 1 }],
  }));
  const messages: { seq: number; text: string | undefined }[] = [];
  let at = 1;
  for (let seq = 1; seq <= 40; seq++, at++) {
    const sender = clients[Math.floor(random() * 3)]!;
    const text = `text ${seq}`;
    messages.push({ seq, text });
    sender.happenings.push({ what: "sent", at, to: "#dev", text });
    for (const client of clients) {
      if (client === sender) continue;
      const message = { at, to: "#dev", from: sender.name, text, seq };
      client.happenings.push({ what: "received", ...message });
    }
    if (random() < 0.9) {
      sender.happenings.push({ what: "answered", at: at + 0.5, text, code: 200, seq });
    }
  }
  const letter = { text: "a letter", at: at++ };
  clients[0]!.happenings.push({ what: "answered", ...letter, code: 202 });
  clients[1]!.happenings.push({ what: "received", ...letter, to: "bob", from: "ann" });
  const gone = messages[9]!;
  clients[0]!.happenings.push({ what: "deleting", at, to: "#dev", text: gone.text! });
  clients[0]!.happenings.push({ what: "deleted", at: at++, to: "#dev", text: gone.text! });
  messages[9] = { seq: gone.seq, text: undefined };
  clients[2]!.happenings.push({ what: "page", at, of: "#dev", texts: [...messages] });
  for (const { happenings } of clients.slice(0, 2)) happenings.push({ what: "stayed", at });
  clients[2]!.happenings.push({ what: "offline", at: 100 });
  clients.push({
    ...{ client: "kim again", name: "kim", isAccount: false },
    happenings: [
      { what: "online", at: 108_000, resumed: false, on: 1 },
      { what: "stayed", at: 109_000 },
    ],
  });
  return {
    clients,
    finals: ["a", "b", "c"].map((node) => ({
      ...{ node, conversation: "#dev", messages: messages.map((message) => ({ ...message })) },
    })),
    presences: [{ node: "a", where: "#dev", names: ["ann", "bob", "kim"] }],
    freed: [
      { name: "kim", death: { node: "a", at: 100_000, withNats: false }, freeAt: 108_000 },
      { name: "lea", death: { node: "b", at: 100_000, withNats: true }, freeAt: 119_000 },
    ],
    stops: [],
    ends: [{ node: "a", code: 0, tookMs: 900, descriptors: [20, 36], rssMib: [90, 120] }],
  };
}

/** Each breaks one thing. */
const FAULTS: Record<string, [rules: string, spoil: (record: Draft) => void]> = {
  "a kept message that one node has lost": ["lost differs", ({ clients, finals }) => {
    const answered = clients[0]!.happenings.find((it) =>
      it.what === "answered" && it.seq
    ) as Extract<
      Happening,
      { what: "answered" }
    >;
    const { messages } = finals[1]!;
    messages.splice(messages.findIndex(({ text }) => text === answered.text), 1);
  }],
  "a letter that never came": ["lost", ({ clients }) => {
    const { happenings } = clients[1]!;
    happenings.splice(
      happenings.findIndex((it) => it.what === "received" && it.text === "a letter"),
      1,
    );
  }],
  "a message that is there twice": ["doubled missed", ({ finals }) => {
    for (const { messages } of finals) messages.push({ seq: 41, text: "text 5" });
  }],
  "a message that came twice under two numbers": ["doubled", ({ clients }) => {
    const { happenings } = clients[1]!;
    const first = happenings.find((it) => it.what === "received")!;
    happenings.push({ ...first, at: 90, seq: 99 } as Happening);
  }],
  "two messages that came the wrong way round": ["order", ({ clients }) => {
    const { happenings } = clients[1]!;
    const [one, two] = happenings.flatMap((it, i) => it.what === "received" && it.seq ? [i] : []);
    [happenings[one!], happenings[two!]] = [happenings[two!]!, happenings[one!]!];
  }],
  "two messages that one node has the other way round": ["differs", ({ finals }) => {
    const { messages } = finals[2]!;
    const [a, b] = [messages[20]!, messages[21]!];
    [a.text, b.text] = [b.text, a.text];
  }],
  "a message that is on one node only": ["differs missed", ({ finals }) => {
    finals[0]!.messages.push({ seq: 77, text: "extra" });
  }],
  "a name with two owners": ["two owners", ({ clients }) => {
    clients[3]!.happenings[0] = { what: "online", at: 99, resumed: false, on: 1 };
  }],
  "a name with two owners, though the node of one was stopped: not for long": [
    "two owners",
    ({ clients, stops }) => {
      stops.push({ on: 1, from: 100_000, to: 105_000 });
      (clients[2]!.happenings.at(-1) as { at: number }).at = 109_000;
    },
  ],
  "a name with two owners when a node that was stopped has gone on": [
    "two owners",
    ({ clients, stops }) => {
      stops.push({ on: 1, from: 100_000, to: 109_000 });
      (clients[2]!.happenings.at(-1) as { at: number }).at = 110_001;
    },
  ],
  "a name that is not free in time": ["not freed", ({ freed }) => {
    freed[0] = { ...freed[0]!, freeAt: 110_001 };
  }],
  "a name that is never free": ["not freed", ({ freed }) => {
    freed[1] = { ...freed[1]!, freeAt: undefined };
  }],
  "a text that is gone without its deletion": ["lost", ({ clients, finals }) => {
    const { text } = clients[0]!.happenings.find((it) =>
      it.what === "answered" && it.seq
    ) as Extract<Happening, { what: "answered" }>;
    for (const { messages } of finals) {
      messages.find((message) => message.text === text)!.text = undefined;
    }
  }],
  "a message that one who is there does not get": ["missed", ({ clients }) => {
    const { happenings } = clients[1]!;
    const at = happenings.flatMap((it, i) => it.what === "received" && it.seq ? [i] : []);
    happenings.splice(at[3]!, 1);
  }],
  "a newest message that one who is there does not get": ["missed", ({ clients }) => {
    const { happenings } = clients[1]!;
    happenings.splice(
      happenings.findLastIndex((it) => it.what === "received" && it.to === "#dev"),
      1,
    );
  }],
  "a name that nobody can have again": ["not back", ({ clients, presences }) => {
    clients[3]!.happenings.pop();
    presences.pop();
  }],
  "somebody who is listed and has gone": ["presence", ({ presences }) => {
    presences.push({ node: "b", where: "who", names: ["ann", "bob", "kim", "lea"] });
  }],
  "somebody who is there and not listed": ["presence", ({ presences }) => {
    presences.push({ node: "b", where: "who", names: ["ann", "bob"] });
  }],
  "a node that has to be killed": ["end", ({ ends }) => {
    ends[0] = { ...ends[0]!, code: undefined };
  }],
  "a node that takes long to end": ["end", ({ ends }) => {
    ends[0] = { ...ends[0]!, tookMs: 5_001 };
  }],
  "a node that gathers descriptors": ["end", ({ ends }) => {
    ends[0] = { ...ends[0]!, descriptors: [20, 37] };
  }],
  "a deleted text that a client can still read": ["deleted text", ({ clients }) => {
    const page = clients[2]!.happenings.find((it) => it.what === "page") as Extract<
      Happening,
      { what: "page" }
    >;
    (page.texts[9] as { text: string | undefined }).text = "text 10";
  }],
  "a deleted text that a node still has": ["deleted text", ({ finals }) => {
    for (const { messages } of finals) messages[9]!.text = "text 10";
  }],
};

Deno.test("chaos checker: finds nothing where nothing is wrong", () => {
  for (let seed = 1; seed <= 50; seed++) assertEquals(check(goodRecord(seed)), [], `seed ${seed}`);
});

for (const [name, [rules, spoil]] of Object.entries(FAULTS)) {
  Deno.test(`chaos checker: finds ${name}`, () => {
    for (let seed = 1; seed <= 20; seed++) {
      const record = goodRecord(seed);
      spoil(record);
      const found = new Set(check(record).map(({ rule }) => rule));
      assertEquals([...found].join(" "), rules, `seed ${seed}`);
    }
  });
}

Deno.test("chaos checker: what a resumed session gets again under its number is no second message", () => {
  const record = goodRecord(3);
  const { happenings } = record.clients[1]!;
  const at = happenings.findLastIndex((it) => it.what === "received" && it.to === "#dev");
  happenings.splice(at + 1, 0, { ...happenings[at]! });
  assertEquals(check(record), []);
});

Deno.test("chaos checker: a deletion that nobody was answered may be done", () => {
  const record = goodRecord(3);
  const { happenings } = record.clients[0]!;
  happenings.splice(happenings.findIndex((it) => it.what === "deleted"), 1);
  assertEquals(check(record), []);
});

Deno.test("chaos checker: who is on a stopped node learns later that the name is somebody else's", () => {
  const record = goodRecord(3);
  record.stops.push({ on: 1, from: 100_000, to: 112_000 });
  (record.clients[2]!.happenings.at(-1) as { at: number }).at = 112_900;
  assertEquals(check(record), []);
});
