// Settings, paired devices, what Herald did and why, and the end of everything.

import { t, known, moment } from "./words.js";
import { call } from "./live.js";
import { el, said, icon, button, heading, empty, fill, notice, sure, complain } from "./parts.js";

export function settings({ forget }) {
  const fault = el("p", { class: "fault", id: "settings-fault", role: "alert" });
  let shown = null;

  async function save(change) {
    fault.textContent = "";
    try {
      draw(await call("POST", "settings", change));
    } catch (refusal) {
      if (shown) draw(shown);
      if (refusal.status !== 422) throw refusal;
      fault.textContent = refusal.message;
    }
  }

  const set = (change) => save(change).catch(complain);

  const toggle = (id, label, onchange) => el("label", { class: "switch", for: id }, el("span", {}, label),
    el("input", { type: "checkbox", role: "switch", id, onchange }));

  const microphone = toggle("microphone-on", t("microphone"), (event) => set({ muted: !event.target.checked }));
  const volume = el("input", { type: "range", id: "volume", min: 0, max: 6, step: 1, onchange: () => set({ volume: Number(volume.value) }) });
  const profile = el("output", { id: "profile" });

  const drive = (id, moving) => el("label", { for: id }, el("input", { type: "radio", name: "moving", id, onchange: () => set({ moving }) }), el("span", {}, t(id)));
  const driving = el("fieldset", { class: "segments", hidden: true, "aria-describedby": "moving-note" }, el("legend", {}, t("driving")),
    el("div", { class: "row" }, drive("parked", false), drive("moving", true)), el("p", { class: "soft small", id: "moving-note" }, t("moving_note")));

  const quiet = toggle("quiet-on", t("quiet"), (event) => set(event.target.checked ? { quiet_from: "22:00", quiet_to: "07:00" } : { quiet_from: "", quiet_to: "" }));
  const hour = (id, label) => el("label", { for: id }, el("span", {}, label), el("input", { type: "time", id, "aria-describedby": "settings-fault",
    onchange: () => { if (from.value && to.value) set({ quiet_from: from.value, quiet_to: to.value }); } }));
  const hours = el("div", { class: "row hours" }, hour("quiet-from", t("from")), hour("quiet-to", t("until")));
  const [from, to] = hours.querySelectorAll("input");

  function draw(now) {
    shown = now;
    microphone.lastChild.checked = !now.muted;
    volume.max = now.loudest;
    volume.value = now.volume;
    profile.textContent = t(now.profile === "car" ? "profile_car" : "profile_home");
    driving.hidden = now.profile !== "car" && !now.moving;
    driving.querySelector("#moving").checked = now.moving;
    driving.querySelector("#parked").checked = !now.moving;
    quiet.lastChild.checked = now.quiet_from !== "";
    hours.hidden = now.quiet_from === "";
    from.value = now.quiet_from;
    to.value = now.quiet_to;
  }

  const devices = el("ul", { class: "plainlist", id: "devices" });
  const device = (each) => el("li", { class: "tag wide", "data-this": each.this },
    el("span", { class: "main" }, said(each.name, { class: "name" }),
      el("span", { class: "soft small" }, each.this ? t("this_device") : t("seen", { time: moment(each.seen_at) }), " · ", t("paired", { time: moment(each.paired_at) }))),
    button(t("revoke"), { id: `revoke-${each.id}`, "aria-label": t("revoke_of", each), onclick: async () => {
      if (!await sure({ id: "sure", title: t("revoke_title", each), text: t("revoke_text"), action: t("revoke") })) return;
      await call("DELETE", `devices/${encodeURIComponent(each.id)}`);
      if (each.this) return forget();
      notice(t("revoked"));
      await load();
      document.getElementById("devices-title").focus();
    } }));

  const erase = button(t("erase"), { id: "erase", class: "danger", icon: "trash", onclick: async () => {
    if (!await sure({ id: "sure", title: t("erase_title"), text: t("erase_text"), action: t("erase_sure") })) return;
    await call("POST", "erase", { sure: "erase" });
    notice(t("erased"));
  } });

  async function load() {
    const [now, known] = await Promise.all([call("GET", "settings"), call("GET", "devices")]);
    draw(now);
    fill(devices, known, device);
  }

  const tile = (view, shape) => el("a", { class: "tile", href: `#/${view}`, id: `${view}-link` }, icon(shape), el("span", {}, t(view)), icon("next"));
  const section = (id, title, ...rows) => el("section", { class: "card", "aria-labelledby": `${id}-title` }, el("h2", { id: `${id}-title`, tabindex: -1 }, title), rows);
  const node = el("div", { class: "page", "data-view": "settings" },
    el("header", {}, heading(t("settings"))),
    el("div", { class: "sections" },
      section("sound", t("sound"), microphone, el("label", { class: "line", for: "volume" }, el("span", {}, t("volume")), volume),
        el("p", { class: "line" }, el("span", {}, t("profile")), profile), driving),
      section("quiet", quiet, el("p", { class: "soft" }, t("quiet_lead")), hours, fault),
      section("devices", t("devices"), devices),
      el("div", { class: "tiles" }, tile("money", "pay"), tile("why", "why"), tile("links", "save_link"), tile("figures", "poll")),
      section("erase", t("erase"), el("p", { class: "soft" }, t("erase_lead")), erase)));
  return { node, title: t("settings"), update(state, before) { if (before) load().catch(() => {}); }, refresh: load };
}

export function why() {
  const list = el("ul", { class: "list why", id: "why" });
  const none = empty("why", t("no_why"));
  none.hidden = true;
  const SHAPES = { confirmed: "check", told: "repeat", driving: "car" };
  const row = ({ at, what, who }) => el("li", { class: "item", "data-what": what }, el("span", { class: "avatar" }, icon(SHAPES[what] ?? "moon")),
    el("span", { class: "main" },
      el("span", { class: "top" }, said(who, { class: "name" }), el("time", { class: "soft small", datetime: at }, moment(at))),
      el("span", { class: "soft" }, t(known(`why_${what}`) ? `why_${what}` : "why_other"))));

  async function load() {
    const rows = await call("GET", "why");
    fill(list, rows, row);
    none.hidden = rows.length > 0;
  }
  const node = el("div", { class: "page", "data-view": "why" },
    el("header", { class: "bar" }, el("a", { href: "#/settings", class: "button plain round", id: "back", "aria-label": t("back") }, icon("back")), heading(t("why"))),
    el("p", { class: "soft lead" }, t("why_lead")), none, list);
  return { node, title: t("why"), update() {}, refresh: load };
}
