/**
 * From which address a request comes: that of whoever connects. Where that is a proxy that we were told of, it is the one
 * that the proxy had it from, as the end of `X-Forwarded-For` says, and so on while that is a proxy of ours, too. What stands
 * before an address that is none of them anybody may have written, and nobody believes it.
 */
import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import type { Context } from "hono";

export type AddressOf = (c: Context) => string;

/** Such as 10.0.0.1, 10.1.0.0/16 or fd00::/8. */
export const isProxyName = (name: string): boolean => {
  const [address = "", bits, ...more] = name.split("/");
  const family = isIP(address);
  const bitsMax = family === 4 ? 32 : 128;
  return (
    family !== 0 && more.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= bitsMax))
  );
};

/** More than stand one behind another anywhere. */
const hopsMax = 8;

export const createAddressOf = (proxies: readonly string[]): AddressOf => {
  const known = new BlockList();
  for (const name of proxies) {
    const [address = "", bits] = name.split("/");
    if (bits === undefined) known.addAddress(address, familyOf(address));
    else known.addSubnet(address, Number(bits), familyOf(address));
  }
  const isProxy = (address: string): boolean => isIP(address) !== 0 && known.check(address, familyOf(address));

  return (c) => {
    const { incoming } = Object(c.env) as { readonly incoming?: IncomingMessage };
    let address = plain(incoming?.socket.remoteAddress ?? "");
    if (!isProxy(address)) return address;
    const said = (c.req.header("x-forwarded-for") ?? "").split(",").slice(-hopsMax).map(plain);
    for (const before of said.toReversed()) {
      if (isIP(before) === 0) return address;
      address = before;
      if (!isProxy(address)) return address;
    }
    return address;
  };
};

/** An IPv4 address that came by IPv6 is the same one. */
const plain = (address: string): string => address.trim().replace(/^::ffff:(?=\d+\.)/i, "");
const familyOf = (address: string): "ipv4" | "ipv6" => (isIP(address) === 6 ? "ipv6" : "ipv4");
