import { describe, expect, it } from "vitest";
import { type Command, readArguments, refuse } from "../edge-server/command.ts";

const command: Command = {
  name: "staff key",
  usage: "STAFF [--site SITE]",
  about: "",
  options: ["site"],
  flags: ["none"],
  givenMin: 1,
  givenMax: 1,
  hasJson: true,
  run: async () => refuse(""),
};

const read = (...words: readonly string[]) => {
  const answer = readArguments(command, words);
  if (answer.kind === "invalid") return answer.error;
  const { input, isJson, isHelp } = answer;
  return { given: input.given, site: input.option("site"), none: input.hasFlag("none"), isJson, isHelp };
};

const plain = { given: ["x"], site: undefined, none: false, isJson: false, isHelp: false };

describe("the words of a command", () => {
  it("may be ids that begin with a dash, or two", () => {
    for (const id of ["-6Yq-0_aVhB2", "-", "--6Yq0aVhB2", "--aVhB2kq", "-_", "-26.07,119.2", "-xyz"]) {
      expect(read(id), id).toEqual({ ...plain, given: [id] });
      if (id === "-") continue;
      expect(read("x", "--site", id), id).toEqual({ ...plain, site: id });
      expect(read(`--site=${id}`, id, "--json"), id).toEqual({ ...plain, given: [id], site: id, isJson: true });
    }
    expect(read("--", "--none")).toEqual({ ...plain, given: ["--none"] });
  });

  it("are options where they are named so", () => {
    expect(read("x", "--none", "--json", "--site", "hall-1")).toEqual({
      ...{ given: ["x"], site: "hall-1", none: true },
      ...{ isJson: true, isHelp: false },
    });
    expect(read("-h")).toMatchObject({ isHelp: true });
    expect(read("--help")).toMatchObject({ isHelp: true });
  });

  it("are refused in one line where they are none of the command's", () => {
    expect(read("x", "--sight", "hall-1")).toBe("Unknown option '--sight'");
    expect(read("x", "--site", "--none")).toBe("Option '--site' argument is ambiguous");
    expect(read("x", "--none=1A")).toContain("'--none' does not take an argument");
    expect(read("x", "--site", "a", "--site", "b")).toBe("--site stands there twice");
    expect(read("-n")).toEqual({ ...plain, given: ["-n"] });
    expect(read("x", "-n")).toBe("too much; use: staff key STAFF [--site SITE]");
    expect(read()).toBe("something is missing; use: staff key STAFF [--site SITE]");
  });
});
