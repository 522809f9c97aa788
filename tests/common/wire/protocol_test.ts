import { assert, assertEquals } from "@std/assert";

import { CODE, isRoomAddress, isSuccess } from "../../../common/wire/protocol.ts";

Deno.test("an addressee that begins with '#' is a room", () => {
  assert(isRoomAddress("#dev") && isRoomAddress("#"));
  assert(!isRoomAddress("eve") && !isRoomAddress("a#b") && !isRoomAddress(""));
});

Deno.test("2xx is success, and nothing else", () => {
  const codes = Object.values(CODE).filter(isSuccess);
  assertEquals(codes, [200, 201, 202]);
  assert(!isSuccess(199) && isSuccess(299) && !isSuccess(300));
});
