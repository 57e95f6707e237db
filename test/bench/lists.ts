/**
 * Score lists of ten million citizens: the coding in Node (lists-coding), in Chromium, and what it takes to publish one by
 * the command line.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { launchChromium } from "../chromium.ts";
import { cityEntries, makeScores, writeScores } from "../city-scores.ts";
import { type City, createCity } from "../live-city.ts";
import { measureListCoding } from "./lists-coding.ts";
import type { Row } from "./main.ts";

export const measureLists = async (): Promise<readonly Row[]> => {
  const city = await createCity();
  try {
    await city.start();
    return [...(await measureListCoding()), await measureInChromium(city), ...(await measurePublish(city))];
  } finally {
    await city.close();
  }
};

const repository = join(import.meta.dirname, "../..");

/** The terminal's own decoder, built as the terminal is, in a page of the server. */
const measureInChromium = async (city: City): Promise<Row> => {
  const context = await launchChromium();
  try {
    const page = await context.newPage();
    await page.goto(`${city.url}/healthz`);
    await page.evaluate(await bundleOf("test/bench/lists-page.ts"));
    const measured = await page.evaluate(
      (entries) =>
        (Reflect.get(window, "measureDecode") as (entries: number) => Promise<{ ours: number; peer: number }>)(entries),
      cityEntries,
    );
    return {
      part: "lists",
      name: "snapshot decoded and verified, Chromium",
      value: Math.round(measured.ours),
      unit: "ms",
      peer: `gunzip of the same list ${Math.round(measured.peer)} ms`,
      ratio: Math.round((measured.ours / measured.peer) * 100) / 100,
      goal: "<= 400",
      met: measured.ours <= 400,
    };
  } finally {
    await context.close();
  }
};

const bundleOf = async (entry: string): Promise<string> => {
  const built = await build({
    configFile: false,
    root: repository,
    logLevel: "silent",
    build: { write: false, lib: { entry: join(repository, entry), formats: ["iife"], name: "page" } },
  });
  const [first] = [built].flat();
  const output = first !== undefined && "output" in first ? first.output[0] : undefined;
  if (output?.type !== "chunk") throw new Error("the page of the benchmark was not built");
  return output.code;
};

const measurePublish = async (city: City): Promise<readonly Row[]> => {
  const file = join(city.folder, "city.csv");
  await writeScores(file, makeScores(cityEntries, 1));
  const { seconds, megabytes } = await watchCommand(
    ["edge-server/cli.ts", "scores", "publish", file, "--programme", "fuzhou-moli", "--list", "whole"],
    city.environment,
  );
  const readAlone = await timeReading(file);
  const row = (name: string, value: number, unit: string, peer: string, goal: number): Row => ({
    part: "lists",
    name,
    value,
    unit,
    peer,
    ratio: unit === "s" ? Math.round((value / readAlone) * 10) / 10 : null,
    goal: `<= ${goal}`,
    met: value <= goal,
  });
  return [
    row("ten million rows published", seconds, "s", `reading the file line by line ${readAlone} s`, 30),
    row("memory of that at its highest", megabytes, "MB", "", 300),
  ];
};

/** Runs a command and watches how much memory it takes at its highest. */
const watchCommand = (
  command: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly seconds: number; readonly megabytes: number }> =>
  new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const running = spawn(process.execPath, command, { cwd: repository, env, stdio: ["ignore", "ignore", "inherit"] });
    let megabytes = 0;
    const watch = setInterval(() => {
      try {
        const status = readFileSync(`/proc/${running.pid}/status`, "utf8");
        megabytes = Math.max(megabytes, Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1000));
      } catch {
        // It has just ended: what was seen last stands.
      }
    }, 50);
    running.on("exit", (code) => {
      clearInterval(watch);
      const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
      if (code === 0) resolve({ seconds, megabytes });
      else reject(new Error(`scores publish ended with ${code}`));
    });
  });

/** What a program that only reads the lines takes. */
const timeReading = async (file: string): Promise<number> => {
  const startedAt = performance.now();
  const code = `import { createReadStream } from "node:fs"; import { createInterface } from "node:readline";
    let lines = 0; for await (const line of createInterface({ input: createReadStream(process.argv[1]) })) lines += line.length;`;
  await new Promise<void>((resolve, reject) => {
    const reading = spawn(process.execPath, ["--input-type=module", "-e", code, file], { stdio: "inherit" });
    reading.on("exit", (status) => (status === 0 ? resolve() : reject(new Error("reading failed"))));
  });
  return Math.round((performance.now() - startedAt) / 100) / 10;
};
