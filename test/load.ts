import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** What a site did while requests were sent to it. */
export interface Answers {
  seconds: number;
  requests: number;
  /** How many whole answers came, by status. */
  statuses: Record<string, number>;
  /** How many requests got no whole answer, by the error's code. */
  errors: Record<string, number>;
  /** How many good answers came from each page, by its heading. */
  pages: Record<string, number>;
  /** The longest time between two good answers, in milliseconds. */
  longestGap: number;
  /** The longest time that one good answer took, in milliseconds. */
  slowest: number;
  /** The first 20 requests that failed: when, on which kind of connection, how. */
  failures: string[];
}

export interface Load {
  /** What was answered since the last time this was asked. */
  lap(): Answers;
  /** Sends nothing more; resolves once every request is answered or has failed. */
  stop(): Promise<void>;
}

/** Each connection sends at most one request in so many milliseconds, so that the machine has room for the site too. */
const pace = 20;
/** A request that takes longer has failed, in milliseconds. */
const patience = 30_000;

/**
 * Asks for a page without pause until it is stopped, over `kept` connections that stay open and as many clients that
 * connect anew for each request. Good is a whole answer with status 200. Nothing is ever sent twice.
 */
export function startLoad(url: string, kept = 4): Load {
  const begin = performance.now();
  let lapBegin = begin;
  let lastGood = begin;
  let answers = noAnswers();
  let stopped = false;

  function good(body: string, took: number): void {
    const now = performance.now();
    answers.longestGap = Math.max(answers.longestGap, now - lastGood);
    answers.slowest = Math.max(answers.slowest, took);
    lastGood = now;
    const heading = /<h1>(.*?)<\/h1>/s.exec(body)?.[1]?.trim() ?? body.slice(0, 40);
    answers.pages[heading] = (answers.pages[heading] ?? 0) + 1;
  }

  function failed(kind: string, what: string): void {
    if (answers.failures.length < 20) {
      answers.failures.push(`${((performance.now() - begin) / 1000).toFixed(2)} s, ${kind} connection: ${what}`);
    }
  }

  async function send(kind: string, agent: Agent | false): Promise<void> {
    const started = performance.now();
    answers.requests += 1;
    try {
      const { status, body } = await ask(url, agent);
      answers.statuses[status] = (answers.statuses[status] ?? 0) + 1;
      if (status === 200) good(body, performance.now() - started);
      else failed(kind, `HTTP ${status}`);
    } catch (error) {
      const { code = `${error}` } = error as NodeJS.ErrnoException;
      answers.errors[code] = (answers.errors[code] ?? 0) + 1;
      failed(kind, code);
    }
    await sleep(Math.max(0, started + pace - performance.now()));
  }

  async function client(kind: string, agent: Agent | false): Promise<void> {
    while (!stopped) await send(kind, agent);
    if (agent) agent.destroy();
  }

  const clients = Array.from({ length: kept }, () => [
    client("kept", new Agent({ keepAlive: true, maxSockets: 1 })),
    client("new", false),
  ]);
  return {
    lap() {
      const now = performance.now();
      const lap = {
        ...answers,
        seconds: (now - lapBegin) / 1000,
        longestGap: Math.max(answers.longestGap, now - lastGood),
      };
      lapBegin = now;
      answers = noAnswers();
      return lap;
    },
    async stop() {
      stopped = true;
      await Promise.all(clients.flat());
    },
  };
}

function noAnswers(): Answers {
  return { seconds: 0, requests: 0, statuses: {}, errors: {}, pages: {}, longestGap: 0, slowest: 0, failures: [] };
}

function ask(url: string, agent: Agent | false): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, signal: AbortSignal.timeout(patience) }, (answer) => {
      let body = "";
      answer.setEncoding("utf8");
      answer.on("data", (text: string) => {
        body += text;
      });
      answer.on("error", reject);
      answer.once("end", () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    sent.on("error", reject);
    sent.end();
  });
}

/** `1234 requests in 12.3 s: 1234 × 200, longest gap 12 ms, slowest 34 ms` */
export function answersText({ requests, seconds, statuses, errors, pages, longestGap, slowest }: Answers): string {
  const counts = Object.entries({ ...statuses, ...errors }).map(([what, count]) => `${count} × ${what}`);
  const by = Object.entries(pages).map(([heading, count]) => `${count} "${heading}"`);
  const times = `longest gap ${Math.round(longestGap)} ms, slowest ${Math.round(slowest)} ms`;
  return `${requests} requests in ${seconds.toFixed(1)} s: ${counts.join(", ")} (${by.join(", ")}), ${times}`;
}
