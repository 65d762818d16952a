// While the car moves: nothing to read, nothing to reach but what answers Herald.

import { t } from "./words.js";
import { touch } from "./live.js";
import { el, icon, button, heading } from "./parts.js";

const BUSY = new Set(["listening", "hearing", "thinking", "speaking"]);
const SETTLE_MS = 400;

export function car() {
  const answers = el("div", { class: "drive-answers" });
  const sign = el("div", { class: "drive-sign", "aria-hidden": "true" });
  const node = el("main", { class: "drive", "data-view": "car" }, heading(t("car"), { class: "unseen" }), sign, answers);
  let shown = "";
  let settled = 0;

  const answer = (act, label, shape, kind) => button(label, { id: act, icon: shape, class: `huge ${kind}`, onclick: async () => {
    if (act !== "yes" || performance.now() >= settled) await touch(act);
  } });

  function update({ proposed, microphone }, before, connected) {
    const answerable = connected && proposed?.asks === "confirm";
    const stoppable = connected && (proposed || BUSY.has(microphone));
    sign.dataset.microphone = microphone;
    sign.replaceChildren(icon(!connected ? "offline" : microphone === "muted" || microphone === "lost" ? "mic_off" : "mic"));
    const now = JSON.stringify([answerable && [proposed.kind, proposed.to], stoppable]);
    if (now === shown) return;
    shown = now;
    settled = performance.now() + SETTLE_MS;
    const held = answers.contains(document.activeElement);
    answers.replaceChildren(...[
      answerable && answer("yes", t("yes_short"), "check", "primary"),
      answerable && answer("no", t("no"), "close", ""),
      stoppable && answer("stop", t("stop"), "stop", "danger"),
    ].filter(Boolean));
    if (held) node.querySelector("h1").focus();
  }

  return { node, title: "Herald", update, level(value) { sign.style.setProperty("--level", value.toFixed(2)); } };
}
