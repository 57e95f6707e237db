/**
 * Holds a program and all that it started to a share of this machine's CPU, by a control group of Linux: every thread of it,
 * where the developer tools' throttle slows only the page's own. Needs root.
 */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";

export type Held =
  | { readonly kind: "held"; readonly release: () => Promise<void> }
  | { readonly kind: "impossible"; readonly cause: string };

/** The first version of control groups has a folder for each resource. */
const [first, second] = ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup"];
/** Short, so that it goes slowly instead of standing still for long. */
const periodMicroseconds = 12_000;
/** In a second. */
const realTimeMicroseconds = 100_000;

/** `mark`: what the program's own command line has, and no other. */
export const holdProgram = async (mark: string, share: number): Promise<Held> => {
  const isFirst = existsSync(join(first, "cgroup.procs"));
  const root = isFirst ? first : second;
  const group = join(root, `greenlane-bench-${process.pid}`);
  const quota = Math.round(periodMicroseconds * availableParallelism() * share);
  const move = (to: string, all: readonly number[]) =>
    Promise.all(all.map((each) => writeFile(join(to, "cgroup.procs"), String(each)).catch(unlessEnded)));
  const release = async (): Promise<void> => {
    for (let all = await held(group); all.length > 0; all = await held(group)) await move(root, all);
    await rmdir(group);
  };
  try {
    await mkdir(group);
    if (isFirst) {
      await writeFile(join(group, "cpu.cfs_period_us"), String(periodMicroseconds));
      await writeFile(join(group, "cpu.cfs_quota_us"), String(quota));
      // A thread of a camera runs in real time, which has a budget of its own, and none at first.
      const realTime = join(group, "cpu.rt_runtime_us");
      if (existsSync(realTime)) await writeFile(realTime, String(realTimeMicroseconds));
    } else {
      await writeFile(join(group, "cpu.max"), `${quota} ${periodMicroseconds}`);
    }
    await move(group, await processesOf(mark));
    return { kind: "held", release };
  } catch (reason) {
    if (existsSync(group)) await release();
    return { kind: "impossible", cause: reason instanceof Error ? reason.message : String(reason) };
  }
};

const held = async (group: string): Promise<readonly number[]> =>
  (await readFile(join(group, "cgroup.procs"), "utf8")).split("\n").filter(Boolean).map(Number);

/** One that has ended meanwhile needs no holding. */
const unlessEnded = (reason: unknown): void => {
  if (!(reason instanceof Error) || Reflect.get(reason, "code") !== "ESRCH") throw reason;
};

/** Those with the mark, and all that they started. */
const processesOf = async (mark: string): Promise<readonly number[]> => {
  const parents = new Map<number, number>();
  const found = new Set<number>();
  for (const each of (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number)) {
    const [words, stat] = await Promise.all(
      ["cmdline", "stat"].map((file) => readFile(`/proc/${each}/${file}`, "utf8").catch(() => "")),
    );
    // Behind the name, which may hold anything: the state, and then the parent.
    parents.set(each, Number(/^.*\) \S (\d+)/s.exec(stat ?? "")?.[1]));
    if (words?.includes(mark) === true && each !== process.pid) found.add(each);
  }
  for (let before = 0; before < found.size; ) {
    before = found.size;
    for (const [each, parent] of parents) if (found.has(parent)) found.add(each);
  }
  if (found.size === 0) throw new Error("no such program");
  return [...found];
};
