import type { ByteReceiver, ByteSource } from "../../common/link.ts";

/** A source that gives these chunks, one a read at most, and then ends, or fails. */
export function byteSource(chunks: readonly Uint8Array[], failure?: Error): ByteSource {
  const rest = [...chunks];
  return {
    read(buffer): Promise<number | null> {
      const chunk = rest.shift();
      if (chunk === undefined) return failure ? Promise.reject(failure) : Promise.resolve(null);
      const part = chunk.subarray(0, buffer.length);
      if (part.length < chunk.length) rest.unshift(chunk.subarray(part.length));
      buffer.set(part);
      return Promise.resolve(part.length);
    },
  };
}

/** The same, given to receivers: see {@linkcode giveOnce}. A `read` takes what a receiver would. */
export function receivedSource(chunks: readonly Uint8Array[], failure?: Error): ByteSource {
  const source = byteSource(chunks, failure);
  return { ...source, receive: (receiver) => giveOnce(source, receiver) };
}

/** Gives a receiver what one read of at most 8 KiB brings, out of a buffer that is overwritten behind the call. */
export function giveOnce(source: ByteSource, receiver: ByteReceiver): void {
  const buffer = new Uint8Array(8_192);
  source.read(buffer).then((count) => {
    if (count === null) receiver.onEnd();
    else receiver.onBytes(buffer.subarray(0, count));
    buffer.fill(0xff);
  }, (error) => receiver.onEnd(error));
}

/** Bytes, cut at random into pieces of 1 to `most` bytes. */
export function cutAtRandom(
  bytes: Uint8Array,
  random: () => number,
  most: number,
): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = 1 + Math.floor(random() * most);
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}
