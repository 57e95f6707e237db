/** A wire between a program and its database that can be cut, held up, or cut when certain bytes come back. */
import { connect as connectTo, createServer, type Socket } from "node:net";

export type FaultyProxy = {
  readonly port: number;
  /** Ends every connection. */
  readonly cut: () => void;
  /** Nothing gets through, and nobody is told. */
  readonly hold: (isHeld: boolean) => void;
  /** The answer with this text is not passed on: the connection ends instead. Once. */
  readonly cutAtAnswer: (text: string) => void;
  readonly close: () => void;
};

export const startFaultyProxy = async (target: number): Promise<FaultyProxy> => {
  const sockets = new Set<Socket>();
  let isHeld = false;
  let cutAt: string | null = null;
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  const server = createServer((near) => {
    const far = connectTo(target, "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
    }
    near.on("data", (bytes) => void (isHeld || far.write(bytes)));
    far.on("data", (bytes) => {
      if (cutAt !== null && bytes.includes(cutAt)) {
        cutAt = null;
        cut();
      } else if (!isHeld) near.write(bytes);
    });
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    cut,
    hold: (next) => {
      isHeld = next;
    },
    cutAtAnswer: (text) => {
      cutAt = text;
    },
    close: () => {
      cut();
      server.close();
    },
  };
};
