// The line to the daemon: calls with the token, the stream of states, touches.

const TOKEN = "herald-token";
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 15_000;
// The daemon writes a line every 15 s; twice that without one and it is gone.
const SILENCE = 33_000;
const PATIENCE = 12_000;

/** Tells `state`, `level`, `online`, `offline` and `unpaired`. */
export const line = new EventTarget();

let token = stored();
let state = null;
let online = false;
let language = "en";

export const paired = () => token !== null;
export const current = () => state;
export const connected = () => online;
export const ask = (lang) => { language = lang; };

// A browser that keeps nothing pairs again after each reload.
function stored() {
  try { return localStorage.getItem(TOKEN); } catch { return null; }
}

export function keep(value) {
  token = value;
  try {
    if (value === null) localStorage.removeItem(TOKEN); else localStorage.setItem(TOKEN, value);
  } catch { /* see above */ }
}

const tell = (type, detail) => line.dispatchEvent(new CustomEvent(type, { detail }));

/** The daemon said no, or (status 0) nothing. */
export class Refusal extends Error {
  constructor(status, answer) {
    super(answer?.message ?? "");
    this.status = status;
    this.answer = answer ?? {};
  }
}

const headers = () => ({
  "Accept-Language": language,
  ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
});

function unpair(used) {
  if (used !== token) return;
  hangUp();
  keep(null);
  state = null;
  tell("unpaired");
}

export async function call(method, path, body) {
  const used = token;
  let response, answer;
  try {
    response = await fetch(`/api/${path}`, {
      method,
      headers: { ...headers(), ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(PATIENCE),
    });
    const text = await response.text();
    answer = text === "" ? null : JSON.parse(text);
  } catch {
    throw new Refusal(response && !response.ok ? response.status : 0);
  }
  if (response.ok) return answer;
  if (response.status === 401) unpair(used);
  throw new Refusal(response.status, answer);
}

/** A file, with the token that a link could not carry. */
export async function download(path) {
  const used = token;
  let response, file;
  try {
    response = await fetch(`/api/${path}`, { headers: headers(), cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(PATIENCE) });
    file = await response.blob();
  } catch {
    throw new Refusal(0);
  }
  if (response.ok) return file;
  if (response.status === 401) unpair(used);
  throw new Refusal(response.status);
}

/** The state shown is always the daemon's; an older one that arrives late is not taken. */
function settle(next) {
  if (state !== null && next.version < state.version) return;
  const before = state;
  state = next;
  tell("state", { state, before });
}

// These are not answers: they do not depend on what is on the screen.
const FREE = new Set(["point", "listen", "write"]);

/** One touch. True when it counted; false when somebody else had decided first. */
export async function touch(act, more = {}) {
  const version = FREE.has(act) ? {} : { version: state.version };
  try {
    settle(await call("POST", "touch", { ...version, act, ...more }));
    return true;
  } catch (refusal) {
    if (refusal.status !== 409 || !refusal.answer.state) throw refusal;
    settle(refusal.answer.state);
    return false;
  }
}

let calling = null;
let heardAt = 0;
let hurry = () => {};

/** Follows the daemon until `hangUp`. */
export async function follow() {
  hangUp();
  const mine = new AbortController();
  calling = mine;
  let pause = FIRST_PAUSE;
  while (!mine.signal.aborted) {
    const answered = await listen(mine.signal).catch(() => false);
    if (mine.signal.aborted) return;
    if (online || state === null) {
      online = false;
      tell("offline");
    }
    if (answered) pause = FIRST_PAUSE;
    await new Promise((resume) => {
      hurry = resume;
      setTimeout(resume, pause);
    });
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }
}

export function hangUp() {
  calling?.abort();
  calling = null;
  online = false;
  hurry();
}

/** One connection, to its end. True when a state came. */
async function listen(hungUp) {
  const used = token;
  const silent = new AbortController();
  const stop = () => silent.abort();
  hungUp.addEventListener("abort", stop);
  const watch = setInterval(() => { if (performance.now() - heardAt > SILENCE) stop(); }, 2_000);
  let answered = false;
  heardAt = performance.now();
  drop = stop;
  try {
    const response = await fetch("/api/live", {
      headers: { ...headers(), Accept: "text/event-stream" }, cache: "no-store", credentials: "omit", signal: silent.signal,
    });
    if (response.status === 401) unpair(used);
    if (!response.ok) return false;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return answered;
      heardAt = performance.now();
      const blocks = (text + value).split(/\r?\n\r?\n/);
      text = blocks.pop();
      for (const [type, data] of blocks.map(event)) {
        if (type === "level") tell("level", data.level);
        if (type !== "state") continue;
        // A daemon that was started anew counts from the beginning.
        if (!answered) state = state && { ...state, version: -1 };
        answered = true;
        const returned = !online;
        online = true;
        settle(data);
        if (returned) tell("online");
      }
    }
  } catch {
    return answered;
  } finally {
    clearInterval(watch);
    hungUp.removeEventListener("abort", stop);
    stop();
  }
}

let drop = () => {};

function event(block) {
  let type = "message";
  const data = [];
  for (const row of block.split(/\r?\n/)) {
    if (row.startsWith("event:")) type = row.slice(6).trim();
    if (row.startsWith("data:")) data.push(row.slice(5));
  }
  return [type, data.length === 0 ? null : JSON.parse(data.join("\n"))];
}

// A phone that slept or changed its network does not wait for the next try.
addEventListener("online", () => hurry());
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  if (performance.now() - heardAt > SILENCE / 2) drop();
  hurry();
});
