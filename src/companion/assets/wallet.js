// The owner's wallet: its key, and the permission to pay up to a limit a month, which is given at the wallet itself.

import { t } from "./words.js";
import { call } from "./live.js";
import { el, icon, button, heading, notice, complain, sure } from "./parts.js";

/** Comes back from the wallet's consent page with what it gave. */
export function returned() {
  const given = new URLSearchParams(location.search);
  const [hash, interact_ref] = [given.get("hash"), given.get("interact_ref")];
  if (!hash || !interact_ref) return;
  history.replaceState(null, "", "/#/money/wallet");
  call("POST", "money/wallet/finish", { hash, interact_ref }).then(() => notice(t("wallet_given")), complain);
}

export function wallet() {
  const state = el("p", { role: "status", id: "wallet-state" });
  const key = el("textarea", { id: "wallet-key", readonly: true, rows: 4, dir: "ltr", spellcheck: "false" });
  const field = (id, label, more) => el("label", { for: id, class: "field" }, el("span", {}, label), el("input", { id, autocomplete: "off", ...more }));
  const address = field("wallet-address", t("wallet"), { required: true, dir: "ltr", inputmode: "url", maxlength: 500, placeholder: "$wallet.example/name" });
  const monthly = field("wallet-monthly", t("wallet_monthly"), { required: true, type: "number", min: 1, max: 10000, step: 1, value: 100 });
  const form = el("form", { onsubmit: (event) => {
    event.preventDefault();
    const [where, most] = [address, monthly].map((label) => label.lastChild.value);
    call("POST", "money/wallet/begin", { address: where, monthly: Number(most), currency: "EUR" })
      .then(({ link }) => { if (/^https?:\/\//i.test(link)) location.assign(link); }, complain);
  } }, address, monthly, el("button", { class: "button primary", id: "wallet-begin" }, t("wallet_begin")));
  const withdraw = button(t("wallet_withdraw"), { id: "wallet-withdraw", class: "danger", hidden: true, onclick: async () => {
    if (!await sure({ id: "sure", title: t("wallet_withdraw"), text: t("wallet_withdraw_text"), action: t("wallet_withdraw") })) return;
    await call("DELETE", "money/wallet");
    await load();
  } });

  async function load() {
    const told = await call("GET", "money/wallet");
    state.textContent = t(told.connected ? "wallet_connected" : "wallet_open");
    key.value = told.key;
    withdraw.hidden = !told.connected;
  }

  const section = (id, title, ...rows) => el("section", { class: "card", "aria-labelledby": `${id}-title` }, el("h2", { id: `${id}-title`, tabindex: -1 }, title), rows);
  const node = el("div", { class: "page", "data-view": "wallet" },
    el("header", { class: "bar" }, el("a", { href: "#/money", class: "button plain round", id: "back", "aria-label": t("back") }, icon("back")), heading(t("own_wallet"))),
    state,
    el("div", { class: "sections" },
      section("wallet-key", t("wallet_key"), el("p", { class: "soft" }, t("wallet_key_lead")), el("label", { for: "wallet-key", class: "field" }, el("span", {}, t("wallet_key")), key)),
      section("wallet-permission", t("wallet_permission"), el("p", { class: "soft" }, t("wallet_permission_lead")), form, withdraw)));
  return { node, title: t("own_wallet"), update() {}, refresh: load };
}
