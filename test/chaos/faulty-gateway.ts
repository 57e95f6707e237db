/** Between a terminal and its server: passes everything on, but does to batches what networks, proxies and hotels do. */
import { createServer, type IncomingMessage, request as openRequest, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export const networkFaults = [
  "slow",
  "cut in the request",
  "cut in the answer",
  "500 after it was taken",
  "captive portal",
  "garbage as an ack",
  "redirect",
  "twice",
  "late, after another answer",
] as const;
export type NetworkFault = (typeof networkFaults)[number];

export type FaultyGateway = {
  readonly origin: string;
  /** What happens to the next batch; null: nothing. */
  readonly setFaults: (next: () => NetworkFault | null) => void;
  readonly count: () => ReadonlyMap<string, number>;
  readonly close: () => void;
};

type Answer = { readonly status: number; readonly headers: NodeJS.Dict<string | string[]>; readonly body: Buffer };

export const openGateway = async (target: string): Promise<FaultyGateway> => {
  let next = (): NetworkFault | null => null;
  const counted = new Map<string, number>();
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const ask = (part = body) => askTarget(target, request, part);
    const fault = request.method === "POST" && request.url === "/v1/log" ? next() : null;
    if (fault !== null) counted.set(fault, (counted.get(fault) ?? 0) + 1);
    switch (fault) {
      case "slow":
        await sleep(200 + Math.random() * 1500);
        return give(response, await ask());
      case "cut in the request":
        await ask(body.subarray(0, body.length / 2)).catch(() => {});
        return void response.destroy();
      case "cut in the answer": {
        const { status, headers, body: whole } = await ask();
        response.writeHead(status, headers);
        return void response.write(whole.subarray(0, whole.length / 2), () => response.destroy());
      }
      case "500 after it was taken":
        await ask();
        return void response.writeHead(500).end();
      case "captive portal":
        return void response.writeHead(200, { "content-type": "text/html" }).end("<h1>Welcome to our network</h1>");
      case "garbage as an ack":
        return void response.writeHead(200, { "content-type": "application/cose" }).end(body.subarray(0, 200));
      case "redirect":
        return void response.writeHead(302, { location: "/" }).end();
      case "twice":
        await ask();
        return give(response, await ask());
      case "late, after another answer":
        setTimeout(() => void ask().catch(() => {}), 500 + Math.random() * 3000);
        return void response.writeHead(503).end();
      case null:
        return give(response, await ask());
    }
  };

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    setFaults: (given) => {
      next = given;
    },
    count: () => counted,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};

const bodyOf = async (stream: IncomingMessage): Promise<Buffer> => {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
};

/** Declares the whole body of `request`, whatever part of it follows; then it ends in the middle. */
const askTarget = (target: string, request: IncomingMessage, part: Buffer): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { method, headers, url } = request;
    const asking = openRequest(
      `${target}${url}`,
      { method, headers: { ...headers, connection: "close" } },
      (response) => {
        bodyOf(response).then(
          (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
          reject,
        );
      },
    );
    asking.on("error", reject);
    const isWhole = part.length === Number(headers["content-length"] ?? 0);
    if (isWhole) asking.end(part);
    else asking.write(part, () => setTimeout(() => asking.destroy(), 50));
  });

const give = (response: ServerResponse, { status, headers, body }: Answer): void => {
  const { connection, "transfer-encoding": _, ...others } = headers;
  response.writeHead(status, { ...others, "content-length": body.length }).end(body);
};

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
