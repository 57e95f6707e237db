/**
 * Whether this terminal's clock is right, as far as others let it see: the phones shown here, which sign when they made
 * their codes, and the signed times of our own server. Pure; says so to staff, in English, and changes nothing else.
 *
 * - The median of the last 15 phones' offsets, once there are 5: more than 30 s off is said. A code is up to 30 s old
 *   when it is shown, so a right clock has a median around 15 s. One moment of issue counts once, so that nobody who
 *   holds up an old picture again and again is many phones.
 * - Where most of those codes were refused for their time, all to the same side, the clock is named as the likely cause.
 * - A device behind the newest signed time is on that time's way, and said; so is one ahead of a fresh ack.
 */
import type { Instant } from "../shared/terms.ts";

/** A phone made its code at `issuedAt` by its own clock; it was read at `at` by the time in use here. */
export type Presented = {
  readonly issuedAt: Instant;
  readonly at: Instant;
  /** For its time: stale, or from the future. */
  readonly isRefused: boolean;
};

/** `ackOffset`: the newest ack's time minus the device's when it came; null before the first. */
export type ClockWatch = { readonly presented: readonly Presented[]; readonly ackOffset: number | null };

/** What the device says now, and what the true time is not below. */
export type DeviceTime = { readonly device: Instant; readonly floor: Instant };

export const nothingSeen: ClockWatch = { presented: [], ackOffset: null };

const presentedMax = 15;
const presentedMin = 5;
const offSecondsMax = 30;

export const notePresented = (watch: ClockWatch, next: Presented): ClockWatch =>
  watch.presented.some((each) => each.issuedAt === next.issuedAt)
    ? watch
    : { ...watch, presented: [...watch.presented, next].slice(-presentedMax) };

export const noteAck = (watch: ClockWatch, at: Instant, device: Instant): ClockWatch => ({
  ...watch,
  ackOffset: at - device,
});

/** Empty where nothing speaks against the clock. */
export const clockAlarms = (watch: ClockWatch, { device, floor }: DeviceTime): readonly string[] => {
  const behindFloor = floor - device;
  const aheadOfAck = watch.ackOffset === null ? 0 : -watch.ackOffset;
  return [
    ...phoneAlarms(watch.presented),
    ...(behindFloor > offSecondsMax
      ? [`clock: the device is ${behindFloor} s behind the newest signed time, which is used instead`]
      : []),
    ...(aheadOfAck > offSecondsMax ? [`clock: the device is ${aheadOfAck} s ahead of the server's signed time`] : []),
  ];
};

const phoneAlarms = (presented: readonly Presented[]): readonly string[] => {
  if (presented.length < presentedMin) return [];
  const offsets = presented.map(({ issuedAt, at }) => issuedAt - at);
  const median = offsets.toSorted((a, b) => a - b)[Math.floor(offsets.length / 2)] ?? 0;
  if (Math.abs(median) <= offSecondsMax) return [];
  const seems = `clock: it seems ${Math.abs(median)} s ${median > 0 ? "behind" : "ahead of"} the phones shown here`;
  const isSameSide = ({ issuedAt, at }: Presented): boolean => issuedAt > at === median > 0;
  const refused = presented.filter((each) => each.isRefused && isSameSide(each));
  const mostAreRefused = refused.length * 2 > presented.length;
  return [mostAreRefused ? `${seems}, and most of their codes are refused for it: set the clock` : seems];
};
