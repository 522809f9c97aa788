import { assertEquals } from "@std/assert";

import { loginRequest, presenceRequest } from "../../../client/library/identity.ts";

const features = ["gathered"];
const GUEST = { name: "eve", password: undefined, status: undefined };
const EVE = { name: "eve", password: "correct horse", status: "busy" };

Deno.test("who has a password authenticates, a guest is just present", () => {
  assertEquals(loginRequest(GUEST), {
    event: "presence",
    type: "status",
    user: { account_name: "eve" },
    features,
  });
  const user = { account_name: "eve", password: "correct horse" };
  assertEquals(loginRequest(EVE), { event: "authenticate", user, features });
  assertEquals(loginRequest(EVE, { register: true }), {
    event: "authenticate",
    user,
    register: true,
    features,
  });
  assertEquals(loginRequest(EVE, { register: true, invite: "code" }), {
    event: "authenticate",
    user,
    register: true,
    invite: "code",
    features,
  });
  assertEquals(loginRequest(EVE, { invite: "code" }), { event: "authenticate", user, features });
  assertEquals(loginRequest(EVE, { takeover: true }), {
    event: "authenticate",
    user,
    takeover: true,
    features,
  });
});

Deno.test("presence tells the status, never the password", () => {
  assertEquals(presenceRequest(EVE), {
    event: "presence",
    type: "status",
    user: { account_name: "eve", status: "busy" },
  });
  assertEquals(presenceRequest({ ...EVE, away: "lunch" }).user, {
    ...{ account_name: "eve", status: "busy", away: "lunch" },
  });
});
