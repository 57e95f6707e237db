/** Browsers say where a request comes from; a page elsewhere cannot say otherwise. Who says nothing is no page. */
export const isSameOrigin = (headers: Readonly<Record<string, string>>, url: string): boolean => {
  const { "sec-fetch-site": site, origin, host } = headers;
  if (site !== undefined) return site === "same-origin";
  // Behind something that ends TLS the scheme differs, the host does not.
  return origin !== undefined && URL.parse(origin)?.host === (host ?? new URL(url).host);
};
