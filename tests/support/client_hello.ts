/** A version of TLS, and what a client that knows no other one offers. */
const OFFERS = {
  "1.1": { version: 0x0302, suite: 0xc009 }, // ECDHE, ECDSA, AES-128 in CBC mode
  "1.2": { version: 0x0303, suite: 0xc02b }, // ECDHE, ECDSA, AES-128 in GCM mode
  "1.3": { version: 0x0303, suite: 0x1301 }, // AES-128 in GCM mode
} as const;

const HANDSHAKE = 0x16;
const SERVER_HELLO = 2;

function number(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, i) => (value >> (8 * (bytes - 1 - i))) & 0xff);
}

/** Content after its length. */
function sized(content: readonly number[], bytes = 2): number[] {
  return [...number(content.length, bytes), ...content];
}

function extension(type: number, content: readonly number[]): number[] {
  return [...number(type, 2), ...sized(content)];
}

function clientHello(name: keyof typeof OFFERS): Uint8Array<ArrayBuffer> {
  const { version, suite } = OFFERS[name];
  const random = (): number[] => [...crypto.getRandomValues(new Uint8Array(32))];
  const x25519 = number(0x001d, 2);
  const extensions = [
    ...extension(0x000a, sized([...x25519, ...number(0x0017, 2)])), // groups: and P-256
    ...extension(0x000b, sized([0], 1)), // points are not compressed
    ...extension(0x000d, sized(number(0x0403, 2))), // signatures: ECDSA on P-256 with SHA-256
  ];
  if (name === "1.3") {
    extensions.push(
      ...extension(0x002b, sized(number(0x0304, 2), 1)),
      ...extension(0x0033, sized([...x25519, ...sized(random())])),
    );
  }
  const noSession = 0;
  const hello = [
    ...[...number(version, 2), ...random(), noSession],
    ...[...sized(number(suite, 2)), ...sized([0], 1)],
    ...sized(extensions),
  ];
  const message = [1, ...sized(hello, 3)];
  return new Uint8Array([HANDSHAKE, ...number(0x0301, 2), ...sized(message)]);
}

/**
 * Begins a handshake as a client that knows one version of TLS only, and says whether the server goes on with it:
 * answers with a ServerHello that chooses what was offered.
 *
 * @param address Where the server is.
 * @param version The version of TLS.
 */
export async function acceptsTls(
  address: { readonly hostname: string; readonly port: number },
  version: keyof typeof OFFERS,
): Promise<boolean> {
  using conn = await Deno.connect(address);
  await conn.write(clientHello(version));
  const answer = new Uint8Array(1_024);
  const length = await conn.read(answer) ?? 0;
  // Five bytes of a record, four of a message, the version, the random bytes, the session.
  const [record, message] = [answer[0], answer[5]];
  const suiteAt = 5 + 4 + 2 + 32 + 1 + answer[43]!;
  const suite = answer[suiteAt]! * 256 + answer[suiteAt + 1]!;
  return length > suiteAt + 1 && record === HANDSHAKE && message === SERVER_HELLO &&
    suite === OFFERS[version].suite;
}
