import { assert, assertEquals } from "@std/assert";

import { RequestReader } from "../../common/wire/request_reader.ts";
import { EVENTS, type Request } from "../../common/wire/protocol.ts";
import type { Reply } from "../../server/events/handler.ts";
import { arrive } from "../../server/people/attendance.ts";
import { User } from "../../server/people/user.ts";
import { Router } from "../../server/router.ts";
import { StoreBusyError } from "../../server/store/store.ts";
import { FakePeer } from "../support/fake_peer.ts";
import { answerOf, type House, withHouse } from "../support/house.ts";
import { RecordingLog } from "../support/recording_log.ts";

const SECRETS = [
  "correct horse",
  "meet me at nine",
  "at the old mill",
  "under the oak",
  "hidden key",
];

/** One request of each event, as they come over the wire; texts and passwords are in {@linkcode SECRETS}. */
function requests(): Request[] {
  const reader = new RequestReader();
  return [
    { event: "probe" },
    { event: "who" },
    { event: "presence", user: { account_name: "eve", status: "busy" } },
    {
      event: "authenticate",
      user: { account_name: "eve", password: "correct horse" },
      invite: "hidden key",
    },
    { event: "join", room: "#dev" },
    { event: "msg", to: "eve", message: "meet me at nine" },
    { event: "msg", to: "eve", message: "meet me at nine", id: 3 },
    { event: "msg", to: "eve", message: "at the old mill", encoding: "utf-8" },
    { event: "rooms" },
    { event: "room", room: "#dev", topic: "under the oak" },
    { event: "invite", room: "#dev", user: "bob" },
    { event: "kick", room: "#dev", user: "bob", reason: "under the oak" },
    { event: "ban", room: "#dev", user: "bob", seconds: 1, reason: "under the oak" },
    { event: "mute", room: "#dev", user: "bob" },
    { event: "grant", room: "#dev", user: "bob", role: "owner" },
    { event: "leave", room: "#dev" },
    { event: "ack", stored: 1 },
    { event: "history", with: "bob" },
    { event: "search", text: "hidden key" },
    { event: "edit", to: "bob", seq: 1, message: "hi" },
    { event: "delete", to: "bob", seq: 1 },
    { event: "read", with: "bob", seq: 1 },
    { event: "conversations" },
    { event: "block", user: "bob", on: true },
    { event: "whois", user: "eve" },
    { event: "quit" },
  ].map((request) => reader.read(JSON.stringify(request)));
}

/** Somebody online. */
function online({ context }: House, name: string): FakePeer {
  const peer = new FakePeer();
  assert(arrive(context, peer, new User(name, peer.outlet)));
  return peer;
}

Deno.test("Router: whoever is not online may go online, probe and quit; all else is 401", () =>
  withHouse({}, async ({ context }) => {
    const router = new Router(context);
    const sentence = "You are not online: send presence or authenticate first";
    for (const request of requests()) {
      const { code, ...answer } = await answerOf(router.route(new FakePeer(), request));
      const isOpen = ["presence", "authenticate", "probe", "quit"].includes(request.event);
      if (!isOpen) assertEquals({ code, ...answer }, { code: 401, sentence }, request.event);
      else if (request.event === "authenticate") assertEquals(code, 402);
      else assertEquals(code, 200, request.event);
    }
  }));

Deno.test("Router: every event reaches its handler, with the user who is online", () =>
  withHouse({}, async (house) => {
    const router = new Router(house.context);
    const peer = online(house, "eve");
    const codes: [string, number][] = [];
    for (const request of requests()) {
      codes.push([request.event, (await answerOf(router.route(peer, request))).code]);
    }
    assertEquals(codes, [
      ["probe", 200],
      ["who", 200],
      ["presence", 200],
      ["authenticate", 402],
      ["join", 201],
      ["msg", 200],
      ["msg", 200],
      ["msg", 200],
      ["rooms", 200],
      ["room", 403],
      ["invite", 403],
      ["kick", 403],
      ["ban", 403],
      ["mute", 403],
      ["grant", 403],
      ["leave", 200],
      ["ack", 200],
      ["history", 403],
      ["search", 200],
      ["edit", 403],
      ["delete", 403],
      ["read", 403],
      ["conversations", 403],
      ["block", 403],
      ["whois", 200],
      ["quit", 200],
    ]);
    assertEquals(peer.frames.map(({ from }) => from), ["eve", "eve", "eve"]);
  }));

Deno.test("Router: what waits for the disk lets others overtake it, nothing else does", () =>
  withHouse({}, ({ context }) => {
    for (const log of [new RecordingLog(10), new RecordingLog(20)]) {
      const router = new Router({ ...context, log });
      const all = new Map(requests().map((request) => [request.event, request]));
      assertEquals([...all.keys()].sort(), [...EVENTS].sort());
      const overlapping = EVENTS.filter((event) => router.overlaps(all.get(event)!));
      assertEquals(overlapping, ["msg", "ack", "edit", "delete", "read"]);
    }
  }));

/** Asks for everything at a level, and gives the records of calls. */
async function callsAt(level: number): Promise<RecordingLog> {
  const log = new RecordingLog(level);
  await withHouse({}, async (house) => {
    const router = new Router({ ...house.context, log });
    const stranger = new FakePeer();
    await answerOf(router.route(stranger, { event: "who" })); // 401: no handler is called
    const peer = online(house, "eve");
    for (const request of requests()) await answerOf(router.route(peer, request));
  });
  return log;
}

Deno.test("Router: at DEBUG there is one record for each call of a handler, without texts and passwords", async () => {
  const calls = (await callsAt(10)).of("call");
  assertEquals(calls.map(({ level, fields }) => [level, fields.fn, fields.outcome]), [
    ...requests().map(({ event }) => ["debug", event, "returned"]),
  ]);
  for (const { fields } of calls) {
    const text = JSON.stringify(fields);
    assert(!SECRETS.some((secret) => text.includes(secret)), text);
    assert(String(fields.args).startsWith('by="192.0.2.1:1" request={event: '), text);
  }
  const [msg] = calls.filter(({ fields }) => fields.fn === "msg");
  assert(String(msg!.fields.args).includes('to: "eve"'), String(msg!.fields.args));
  assert(String(msg!.fields.result).includes("code: 200"), String(msg!.fields.result));
});

Deno.test("Router: at INFO there is none", async () => {
  assertEquals((await callsAt(20)).of("call"), []);
});

Deno.test("Router: a question that takes too long is 500 with the reason, and no fault", () =>
  withHouse({}, async (house) => {
    const router = new Router(house.context);
    house.store.search = () => Promise.reject(new StoreBusyError("This takes too long", 2_001));
    const reply = router.route(online(house, "eve"), { event: "search", text: "hi" });
    assertEquals(await reply, { code: 500, sentence: "This takes too long", workMs: 2_001 });
    assertEquals(house.log.records.filter(({ level }) => level === "error"), []);
  }));

Deno.test("Router: a handler that throws is logged as that, and its error goes on", () =>
  withHouse({}, (house) => {
    const log = new RecordingLog();
    const router = new Router({ ...house.context, log });
    house.context.rooms.find = () => {
      throw new TypeError("broken");
    };
    let reply: Reply | undefined;
    try {
      reply = router.route(online(house, "eve"), { event: "join", room: "#dev" });
    } catch (error) {
      assert(error instanceof TypeError);
    }
    assertEquals(reply, undefined);
    assertEquals(log.of("call").map(({ fields }) => [fields.fn, fields.outcome, fields.error]), [
      ["join", "threw", "TypeError: broken"],
    ]);
  }));
