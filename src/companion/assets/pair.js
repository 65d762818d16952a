// Pairing: six digits that Herald shows or speaks, once.

import { t } from "./words.js";
import { call, keep } from "./live.js";
import { el, icon, heading, busy, mention } from "./parts.js";

function device() {
  const agent = navigator.userAgent;
  if (/iPad|Tablet/.test(agent) || (/Android/.test(agent) && !/Mobile/.test(agent))) return t("device_tablet");
  return /iPhone|Android|Mobile/.test(agent) ? t("device_phone") : t("device_computer");
}

export function pair({ lost, code, done }) {
  const fault = el("p", { class: "fault", id: "pair-fault", role: "alert" }, lost ? t("pair_lost") : "");
  const digits = el("input", { id: "code", class: "digits", inputmode: "numeric", autocomplete: "one-time-code", pattern: "[0-9]*", maxlength: 6, value: code ?? "",
    "aria-describedby": "pair-fault", oninput: () => { digits.value = digits.value.replace(/\D/g, ""); } });
  const name = el("input", { id: "device-name", maxlength: 60, dir: "auto", autocomplete: "off", value: device() });
  const label = el("span", {}, t("pair_button"));
  const go = el("button", { id: "pair", class: "primary big" }, label);

  async function submit() {
    fault.textContent = "";
    if (!/^\d{6}$/.test(digits.value)) {
      fault.textContent = t("pair_six");
      return digits.focus();
    }
    try {
      const { token } = await call("POST", "pair", { code: digits.value, name: name.value.trim() || device() });
      keep(token);
      done();
    } catch (refusal) {
      if (refusal.status === 429) return rest(refusal.answer.retry_after_s ?? 60);
      if (refusal.status !== 403) throw refusal;
      fault.textContent = t("pair_wrong");
      digits.select();
    }
  }

  /** Counts down what the daemon asked for; until then nothing is tried. */
  function rest(seconds) {
    fault.textContent = t("pair_many");
    const until = performance.now() + seconds * 1000;
    return new Promise((resume) => {
      const tick = () => {
        const left = Math.ceil((until - performance.now()) / 1000);
        if (left > 0 && node.isConnected) {
          label.textContent = t("pair_wait", { seconds: left });
          return;
        }
        clearInterval(timer);
        label.textContent = t("pair_button");
        fault.textContent = "";
        mention(t("pair_ready"));
        resume();
      };
      const timer = setInterval(tick, 250);
      tick();
    });
  }

  const form = el("form", { class: "card", novalidate: true, onsubmit: (event) => {
    event.preventDefault();
    busy(go, submit);
  } },
    el("label", { for: "code" }, t("pair_code")), digits,
    el("label", { for: "device-name" }, t("pair_name")), name, fault, go);
  const node = el("main", { class: "welcome", "data-view": "pair" },
    el("img", { src: "/icon.svg", alt: "", width: 88, height: 88 }), heading(t("pair_title")), el("p", { class: "soft" }, t("pair_lead")), form,
    el("p", { class: "soft small private" }, icon("home"), el("span", {}, t("pair_private"))));
  return { node, title: t("pair_title"), begin() { if (code) busy(go, submit); else digits.focus(); } };
}
