/**
 * The listening end, with bounds on whoever connects: how many at once, and how long their headers and their bodies may
 * take. A body of 4 MiB over a poor mobile line takes a minute. Beyond, the connection is closed; nothing of it is stored.
 */
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Settings } from "./settings.ts";

export type HttpLimits = {
  readonly connectionsMax: number;
  readonly headersSeconds: number;
  readonly requestSeconds: number;
  /** How often it is looked after those that take too long. */
  readonly checkSeconds: number;
};

export const httpLimits: HttpLimits = {
  connectionsMax: 2000,
  headersSeconds: 15,
  requestSeconds: 120,
  checkSeconds: 5,
};

export const createHttpServer = (tls: Settings["tls"], limits: HttpLimits = httpLimits): Server => {
  const options = {
    headersTimeout: limits.headersSeconds * 1000,
    requestTimeout: limits.requestSeconds * 1000,
    connectionsCheckingInterval: limits.checkSeconds * 1000,
  };
  const server = tls === null ? createServer(options) : createTlsServer({ ...options, ...tlsOptions(tls, limits) });
  server.maxConnections = limits.connectionsMax;
  return server;
};

const tlsOptions = ({ certFile, keyFile }: NonNullable<Settings["tls"]>, { headersSeconds }: HttpLimits) =>
  ({
    cert: readFileSync(certFile),
    key: readFileSync(keyFile),
    minVersion: "TLSv1.2",
    handshakeTimeout: headersSeconds * 1000,
  }) as const;
