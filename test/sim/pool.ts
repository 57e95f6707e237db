/** Worlds in processes of their own: each is deterministic by itself, whatever others do beside it. */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { OutcomeLine, SeedsJob } from "./seeds.ts";

/** `crash`: what a process said that ended by itself before its time. */
export type JobEnd = { readonly outcomes: readonly OutcomeLine[]; readonly crash: string | null };

const folder = import.meta.dirname;

/** There is a world on every processor: collecting has no threads of its own to take from them, and is done less often. */
const memory = ["--single-threaded-gc", "--min-semi-space-size=32", "--max-semi-space-size=32"];

export const runJob = (
  job: SeedsJob,
  plant: string | null = null,
  onOutcome: (outcome: OutcomeLine) => void = () => {},
): Promise<JobEnd> =>
  new Promise((resolve) => {
    const hook = plant === null ? [] : ["--import", join(folder, "plant.ts")];
    const options = ["--no-warnings", ...memory, ...hook];
    const child = spawn(process.execPath, [...options, join(folder, "seeds.ts"), JSON.stringify(job)], {
      env: { ...process.env, SIM_PLANT: plant ?? "" },
      stdio: ["ignore", "pipe", job.isLoud === true ? "inherit" : "pipe"],
    });
    const outcomes: OutcomeLine[] = [];
    let rest = "";
    let complaint = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const outcome: OutcomeLine = JSON.parse(line);
        outcomes.push(outcome);
        onOutcome(outcome);
      }
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(-4000);
    });
    // A world that hangs; on a busy machine one of a second's work takes a minute.
    const patience = job.count * job.taps * 40 + 240_000;
    const silence = setTimeout(() => {
      complaint += `no end after ${patience / 1000} s`;
      child.kill();
    }, patience);
    child.on("close", (code, signal) => {
      clearTimeout(silence);
      resolve({ outcomes, crash: code === 0 ? null : complaint || `ended with ${code ?? signal}` });
    });
  });

/** Runs `tasks`, as many at once as there are processors. */
export const runAll = async <T>(tasks: readonly (() => Promise<T>)[]): Promise<readonly T[]> => {
  const results: T[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < tasks.length; at = next++) {
      const task = tasks[at];
      if (task !== undefined) results[at] = await task();
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return results;
};
