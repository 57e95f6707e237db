/**
 * The page's one Trusted Types policy. Under `require-trusted-types-for 'script'; trusted-types greenlane` a worker or a
 * service worker starts only from a URL that went through here, and only this origin's URLs come out.
 *
 * Throws a TypeError for a URL of another origin. Where the browser has no Trusted Types the check is the same and the
 * result a plain string.
 */

type Policy = { readonly createScriptURL: (url: string) => unknown };

type PolicyFactory = {
  readonly createPolicy: (name: string, rules: { readonly createScriptURL: (url: string) => string }) => Policy;
};

/** For `new Worker()` and `serviceWorker.register()`. Typed as the string it stands for: lib.dom has no TrustedScriptURL. */
export const trustedScriptUrl = (url: string): string => {
  policy ??= createPolicy();
  return policy.createScriptURL(url) as string;
};

// Made once, on first use: the header allows no second policy of this name.
let policy: Policy | undefined;

const createPolicy = (): Policy => {
  const rules = { createScriptURL: sameOriginUrl };
  const { trustedTypes } = globalThis as { readonly trustedTypes?: PolicyFactory };
  return trustedTypes === undefined ? rules : trustedTypes.createPolicy("greenlane", rules);
};

const sameOriginUrl = (url: string): string => {
  const absolute = new URL(url, location.href);
  if (absolute.origin !== location.origin) throw new TypeError(`not a script of ours: ${absolute.origin}`);
  return absolute.href;
};
