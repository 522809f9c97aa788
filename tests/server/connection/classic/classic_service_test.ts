import { assertEquals } from "@std/assert";

import { CODE, type PresenceRequest, type Request } from "../../../../common/wire/protocol.ts";
import { type Answer, answer, type Commit } from "../../../../server/answer.ts";
import { ClassicKeys } from "../../../../server/connection/classic/classic_keys.ts";
import {
  type ClassicQuestion,
  ClassicRequest,
} from "../../../../server/connection/classic/classic_requests.ts";
import { ClassicService } from "../../../../server/connection/classic/classic_service.ts";
import { ClassicShape } from "../../../../server/connection/classic/classic_shape.ts";
import type { Service } from "../../../../server/connection/session.ts";
import type { Reply } from "../../../../server/events/handler.ts";
import type { User } from "../../../../server/people/user.ts";
import { FakePeer } from "../../../support/fake_peer.ts";
import { FakeUser } from "../../../support/fake_user.ts";

const OK = answer(CODE.ok, "Fine");

/** A classic connection's service, in front of one that gives a set reply. */
class Stage {
  readonly keys = new ClassicKeys();
  readonly shape = new ClassicShape();
  readonly peer = new FakePeer();
  readonly requests = { publicKey: undefined as string | undefined };
  readonly routed: Request[] = [];
  readonly left: User[] = [];
  reply: Reply = OK;
  readonly service: ClassicService;

  constructor() {
    const inner: Service = {
      requestLimits: {},
      route: (_, request) => {
        this.routed.push(request);
        return this.reply;
      },
      overlaps: ({ event }) => event === "msg",
      isCostly: ({ event }) => event === "who",
      listOnline: (max) => Array.from({ length: Math.min(max, 1_000) }, (_, index) => `u${index}`),
      leave: (user) => {
        this.left.push(user);
        return Promise.resolve();
      },
    };
    this.service = new ClassicService({
      service: inner,
      keys: this.keys,
      shape: this.shape,
      requests: this.requests,
    });
  }

  /** Somebody is online here. */
  online(name: string): FakeUser {
    const user = new FakeUser(name);
    Object.defineProperty(this.peer, "user", { value: user });
    return user;
  }

  ask(question: ClassicQuestion, name = ""): Answer {
    return this.service.route(this.peer, new ClassicRequest(question, name)) as Answer;
  }

  names(question: ClassicQuestion): unknown {
    const { code, extras } = this.ask(question);
    assertEquals(code, 202);
    return (extras as { data_list: string[] }).data_list;
  }
}

Deno.test("ClassicService: its questions are for those who are online", () => {
  const stage = new Stage();
  for (const question of ["users", "contacts", "add", "remove", "key"] as const) {
    assertEquals(stage.ask(question, "bob").code, 401);
  }
  assertEquals(stage.routed, []);
});

Deno.test("ClassicService: contacts are the connection's", () => {
  const stage = new Stage();
  stage.online("eve");
  assertEquals(stage.names("contacts"), []);
  for (const name of ["Bob", "ann", "bob", "Ева"]) assertEquals(stage.ask("add", name).code, 200);
  assertEquals(stage.names("contacts"), ["bob", "ann", "Ева"]);
  assertEquals(stage.ask("remove", "ANN").code, 200);
  assertEquals(stage.ask("remove", "nobody").code, 200);
  assertEquals(stage.names("contacts"), ["bob", "Ева"]);
  for (let i = 2; i < 100; i++) assertEquals(stage.ask("add", `u${i}`).code, 200);
  assertEquals(stage.ask("add", "one.more").code, 403);
  assertEquals(stage.ask("add", "BOB").code, 200, "an old one");
  assertEquals((stage.names("contacts") as string[]).length, 100);
});

Deno.test("ClassicService: who is online, no more than may fit", () => {
  const stage = new Stage();
  stage.online("eve");
  const names = stage.names("users") as string[];
  assertEquals([names.length, names[0]], [128, "u0"]);
});

Deno.test("ClassicService: a presence that is right gives name and key, at once or later", async () => {
  const replies: (() => Reply)[] = [
    () => OK,
    () => Promise.resolve(OK),
    () => Promise.resolve(() => OK),
  ];
  for (const reply of replies) {
    const stage = new Stage();
    const eve = stage.online("eve");
    stage.reply = reply();
    stage.requests.publicKey = "K";
    const presence: PresenceRequest = { event: "presence", user: { account_name: "EVE" } };
    const outcome: Answer | Commit = await stage.service.route(stage.peer, presence);
    assertEquals(typeof outcome === "function" ? outcome() : outcome, OK);
    assertEquals(stage.shape.name, "EVE");
    assertEquals(stage.ask("key", "Eve"), {
      ...answer(CODE.key, "The public key"),
      extras: { bin: "K" },
    });
    assertEquals(stage.ask("key", "bob").code, 404);
    stage.requests.publicKey = undefined;
    stage.reply = OK;
    stage.service.route(stage.peer, presence);
    assertEquals(stage.keys.find("eve"), "K", "one without a key changes nothing");
    await stage.service.leave(eve, eve.outlet, true);
    assertEquals(stage.left, [eve]);
    assertEquals(stage.keys.find("eve"), undefined);
  }
});

Deno.test("ClassicService: a presence that is refused gives nothing", () => {
  const stage = new Stage();
  stage.online("eve");
  stage.reply = answer(CODE.badRequest, "No");
  stage.requests.publicKey = "K";
  stage.service.route(stage.peer, { event: "presence", user: { account_name: "bob" } });
  assertEquals([stage.shape.name, stage.keys.find("eve")], ["", undefined]);
});

Deno.test("ClassicService: all else is served by the others' service", () => {
  const stage = new Stage();
  const requests: Request[] = [
    { event: "msg", to: "bob", message: "hi" },
    { event: "probe" },
    { event: "quit" },
  ];
  for (const request of requests) assertEquals(stage.service.route(stage.peer, request), OK);
  assertEquals(stage.routed, requests);
  assertEquals(requests.map((request) => stage.service.overlaps(request)), [true, false, false]);
  assertEquals(stage.service.isCostly({ event: "who" }), true);
  assertEquals(stage.service.listOnline(2), ["u0", "u1"]);
});
