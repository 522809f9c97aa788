// The types that @std/assert gives: what is checked here is that this compiles, in `deno task check`.
import {
  type AnyConstructor,
  type ArrayLikeArg,
  assertArrayIncludes,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertIsError,
  assertThrows,
  type Falsy,
  type GetConstructorType,
} from "@std/assert";

abstract class Shape {
  readonly sides: number = 0;
}
class Square extends Shape {
  override readonly sides = 4;
}

Deno.test("a class need not be one that can be instantiated", () => {
  const value: unknown = new Square();
  assertInstanceOf(value, Shape);
  assertEquals(value.sides, 4);
});

Deno.test("what is expected in a list has the type of its elements", () => {
  assertArrayIncludes([1, 2], [2]);
  // @ts-expect-error -- a number is no text
  assertThrows(() => assertArrayIncludes(["1", "2"], [2]));
  // @ts-expect-error -- a text is no list
  assertArrayIncludes("abc", "b");
});

Deno.test("assertFalse narrows to all that is falsy", () => {
  const value: string | undefined = Math.random() < 2 ? "" : "x";
  assertFalse(value);
  const falsy: Falsy = value;
  assertEquals(falsy, "");
});

Deno.test("errors are checked by class, and by a pattern in assertIsError only", () => {
  const error: unknown = new RangeError("Uh-oh");
  assertIsError(error, RangeError, /^Uh/);
  const thrown: RangeError = assertThrows(
    () => {
      throw error;
    },
    RangeError,
    "Uh-oh",
  );
  assertEquals(thrown.message, error.message);
});

Deno.test("the types have their names", () => {
  const classes: AnyConstructor[] = [Square, Date];
  const date: GetConstructorType<typeof Date> = new Date(0);
  const list: ArrayLikeArg<number> = new Uint8Array(2);
  assertEquals([classes.length, date.getTime(), list.length], [2, 0, 2]);
});
