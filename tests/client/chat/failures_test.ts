import { assertEquals, assertThrows } from "@std/assert";

import { describeFailure, lastWords } from "../../../client/chat/failures.ts";
import {
  ClientClosedError,
  ConnectError,
  ConnectionLostError,
  RefusedError,
  WrongAnswerError,
} from "../../../client/library/errors.ts";
import { speakerOf } from "../../../client/texts/texts.ts";
import { StartError } from "../../../common/errors.ts";

const speaker = speakerOf("en");

Deno.test("an expected error becomes a sentence; what a server wrote is safe to print", () => {
  assertEquals(
    [
      new ConnectError("refused", "x"),
      new ConnectError("certificate-host", "x", { hosts: ["a.example", "b\x1b"] }),
      new ConnectionLostError("wordless", "x"),
      new RefusedError("join", 403, "no\x1b"),
      new ConnectionLostError("silent", "x"),
      new ConnectionLostError("overload", "a line of more than 4 MiB"),
      new ConnectionLostError("closed", "x", { notice: "bye\x1b" }),
      new ClientClosedError("10 wait"),
      new WrongAnswerError("history", "a page without messages"),
    ].map((error) => describeFailure(error, speaker)),
    [
      "nobody listens there",
      "the server's certificate is for a.example, b\\u{1b}: use one of these as address",
      "the server closed it without a word; if it speaks TLS, use --tls",
      "no\\u{1b} (403)",
      "the server does not answer",
      "the server sends more than this client keeps: a line of more than 4 MiB",
      "the server says: bye\\u{1b}",
      "Too much is waiting already: 10 wait",
      "the server's answer makes no sense: The server sent a page without messages",
    ],
  );
});

Deno.test("the last words name every node that was tried", () => {
  const nodes = [
    { address: "a:1", error: new ConnectError("refused", "x") },
    { address: "b:2", error: new ConnectionLostError("silent", "x") },
    { address: "c:3", error: new ConnectError("refused", "x") },
  ];
  const say = (tried: typeof nodes): string =>
    lastWords(new ConnectError("refused", "x", { nodes: tried }), "a:1", speaker).message;
  assertEquals(
    say(nodes),
    "Cannot connect to a:1, c:3: nobody listens there; b:2: the server does not answer",
  );
  assertEquals(say([nodes[0]!, nodes[2]!]), "Cannot connect to a:1, c:3: nobody listens there");
});

Deno.test("the last words say what was done when it happened", () => {
  const say = (error: unknown): string => lastWords(error, "host:1", speaker).message;
  assertEquals(
    [
      new ConnectError("timeout", "x"),
      new ConnectionLostError("broken", "x"),
      new ConnectionLostError("closed", "x", { notice: "bye\x1b", announced: "blocked" }),
      new ConnectionLostError("closed", "x", { notice: "bye\x1b", announced: "replaced" }),
      new RefusedError("login", 403, "blocked"),
      new StartError("as it is"),
    ].map(say),
    [
      "Cannot connect to host:1: no answer in time",
      "Connection lost: the link broke",
      "Connection lost: the server says: bye\\u{1b}",
      "Your name is online from another connection now, which has replaced this one. To come " +
      "back, start the client again with --takeover.",
      "blocked (403)",
      "as it is",
    ],
  );
});

Deno.test("a fault of the program is no failure to be put into words", () => {
  assertThrows(() => describeFailure(new TypeError("oops"), speaker), TypeError, "oops");
});
