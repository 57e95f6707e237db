/** The real command line in a process of its own; the last line on stderr says how much memory it took at most, in KiB. */
import { runCli } from "../../edge-server/cli.ts";

process.exitCode = await runCli(process.argv.slice(2), process.env, { out: process.stdout, err: process.stderr });
process.stderr.write(`${process.resourceUsage().maxRSS}\n`);
