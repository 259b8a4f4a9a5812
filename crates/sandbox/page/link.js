// The stand-in for Plaid Link: walks its panes and tells the host what happens, by navigating to plaidlink:// in a
// webview, and by messages to the page around it in a browser.
"use strict";

const query = new URLSearchParams(location.search);
const token = query.get("token") || "";
const webview = query.get("isWebview") === "true";
const host = query.get("hostOrigin");
const received = query.get("receivedRedirectUri");

const EVENT_KEYS = [
  "error_code", "error_message", "error_type", "event_name", "exit_status", "institution_id", "institution_name",
  "institution_search_query", "is_update_mode", "link_session_id", "match_reason", "mfa_type", "request_id",
  "selection", "timestamp", "view_name",
];
const EXIT_KEYS = [
  "display_message", "error_code", "error_message", "error_type", "institution_id", "institution_name",
  "link_session_id", "request_id", "status",
];
const CONNECTED_KEYS = ["accounts", "institution_id", "institution_name", "link_session_id", "public_token"];

let visit = {};          // what the server said when the token was opened
let institution = null;  // the bank that was chosen
let view = "LOADING";
let searched = "";
let over = false;

// --- telling the host -------------------------------------------------------------------------------------------

// Every key is always there; one without a value has no "=".
function address(kind, keys, fields) {
  const pairs = keys.map((key) => {
    const value = fields[key];
    return value === undefined || value === null || value === "" ? key : key + "=" + encodeURIComponent(value);
  });
  return "plaidlink://" + kind + "?" + pairs.join("&");
}

// One navigation at a time: a browser drops all but the last of those that are asked for together.
const waiting = [];
let pumping = false;
function tell(kind, keys, fields) {
  if (webview) {
    waiting.push(address(kind, keys, fields));
    if (!pumping) pump();
  } else if (host) {
    window.parent.postMessage({ standIn: "plaid-link", kind, fields }, host);
  }
}
function pump() {
  pumping = waiting.length > 0;
  if (!pumping) return;
  location.href = waiting.shift();
  setTimeout(pump, 30);
}
// A page that is left takes its unsent navigations with it.
function whenTold(then) {
  if (pumping) setTimeout(() => whenTold(then), 10);
  else then();
}

function event(name, fields) {
  tell("event", EVENT_KEYS, {
    event_name: name,
    institution_id: institution && institution.id,
    institution_name: institution && institution.name,
    is_update_mode: visit.repair === undefined ? undefined : String(visit.repair),
    link_session_id: visit.link_session_id,
    request_id: visit.request_id,
    timestamp: new Date().toISOString(),
    view_name: view,
    ...fields,
  });
}

function errorFields(error) {
  return error ? { error_type: error.error_type, error_code: error.error_code, error_message: error.error_message } : {};
}

function exit(error) {
  if (over) return;
  over = true;
  const status = {
    CONSENT: "requires_credentials", SELECT_INSTITUTION: "requires_credentials", CREDENTIAL: "requires_credentials",
    OAUTH: "requires_oauth", SELECT_ACCOUNT: "requires_account_selection",
  }[view];
  const told = view === "SELECT_INSTITUTION" && nothingFound() ? "institution_not_found" : status;
  event("EXIT", { exit_status: told, view_name: "EXIT", ...errorFields(error) });
  tell("exit", EXIT_KEYS, {
    ...errorFields(error),
    display_message: error && error.display_message,
    status: told,
    institution_id: institution && institution.id,
    institution_name: institution && institution.name,
    link_session_id: visit.link_session_id,
    request_id: visit.request_id,
  });
  show("closed", "EXIT", "");
}

// --- panes ------------------------------------------------------------------------------------------------------

const pane = document.getElementById("pane");
const find = (selector) => pane.querySelector(selector);

function show(name, nextView, step) {
  view = nextView;
  pane.replaceChildren(document.getElementById("pane-" + name).content.cloneNode(true));
  for (const spot of pane.querySelectorAll("[data-bank]")) spot.textContent = institution ? institution.name : "";
  document.getElementById("step").textContent = step;
  document.getElementById("cancel").hidden = over || name === "done" || name === "error";
  document.body.dataset.pane = name;
  document.title = find("h1").textContent + " (stand-in)";
  document.getElementById("status").textContent = step;
  find("h1").focus();
}

function go(name, nextView, step) {
  show(name, nextView, step);
  event("TRANSITION_VIEW");
}

const press = (selector, action) => find(selector).addEventListener("click", action);
const steps = () => (visit.repair ? 3 : 5);
const step = (n) => "Step " + n + " of " + steps();

function consent() {
  show(visit.repair ? "consent-repair" : "consent", "CONSENT", step(1));
  press("[data-go]", () => (visit.repair ? signIn() : choose()));
}

function matching() {
  return visit.institutions.filter((one) => one.name.toLowerCase().includes(searched.trim().toLowerCase()));
}
function nothingFound() {
  return searched.trim() !== "" && matching().length === 0;
}

function choose() {
  institution = null;
  searched = "";
  go("institution", "SELECT_INSTITUTION", step(2));
  const list = find("[data-list]");
  const fill = () => {
    list.replaceChildren(...matching().map((one) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.institution = one.id;
      // The blank is for those who hear the button's name.
      button.append(one.name + " ");
      const note = document.createElement("small");
      note.textContent = one.note;
      button.append(note);
      button.addEventListener("click", () => chosen(one));
      item.append(button);
      return item;
    }));
    find("[data-none]").hidden = !nothingFound();
    document.getElementById("status").textContent = matching().length + " banks";
  };
  fill();
  find("#search").addEventListener("input", (change) => {
    searched = change.target.value;
    fill();
    event("SEARCH_INSTITUTION", { institution_search_query: searched });
  });
}

function chosen(one) {
  institution = one;
  const names = { degraded: "SELECT_DEGRADED_INSTITUTION", down: "SELECT_DOWN_INSTITUTION" };
  event("SELECT_INSTITUTION");
  if (names[one.kind]) event(names[one.kind]);
  signIn();
}

async function signIn() {
  if (institution.kind === "oauth") return oauth();
  if (institution.kind === "down") {
    const answer = await ask("sign-in", { institution: institution.id, username: "", password: "" });
    return failed(answer.error, true);
  }
  go("credential", "CREDENTIAL", step(visit.repair ? 2 : 3));
  find("[data-degraded]").hidden = institution.kind !== "degraded";
  const form = find("form");
  find("[data-personas]").replaceChildren(...visit.personas.map((persona) => {
    const item = document.createElement("li");
    const text = document.createElement("span");
    const login = document.createElement("code");
    login.textContent = persona.username + " / " + persona.password;
    const outcome = document.createElement("small");
    outcome.textContent = persona.outcome;
    text.append(login, outcome);
    const use = document.createElement("button");
    use.type = "button";
    use.className = "quiet";
    use.textContent = "Fill in";
    use.setAttribute("aria-label", "Fill in " + persona.username);
    use.addEventListener("click", () => {
      form.username.value = persona.username;
      form.password.value = persona.password;
      form.querySelector("[type=submit]").focus();
    });
    item.append(text, use);
    return item;
  }));
  form.addEventListener("submit", async (submit) => {
    submit.preventDefault();
    event("SUBMIT_CREDENTIALS");
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    const sent = { institution: institution.id, username: form.username.value, password: form.password.value };
    const answer = await ask("sign-in", sent);
    button.disabled = false;
    if (!answer.error) return visit.repair ? connect(0) : accounts(answer.accounts);
    if (answer.error.error_code !== "INVALID_CREDENTIALS") return failed(answer.error, false);
    event("ERROR", errorFields(answer.error));
    const box = find("[data-error]");
    box.textContent = answer.error.display_message;
    box.hidden = false;
    form.password.setAttribute("aria-describedby", "refusal");
    form.password.value = "";
    form.password.focus();
  });
}

function oauth() {
  go("oauth", "OAUTH", step(visit.repair ? 2 : 3));
  press("[data-go]", async () => {
    const answer = await ask("oauth", { institution: institution.id, webview, host });
    if (answer.error) return failed(answer.error, false);
    event("OPEN_OAUTH");
    whenTold(() => {
      if (!webview && host && answer.leaves) window.parent.postMessage({ standIn: "plaid-link", kind: "leave", url: answer.url }, host);
      else location.assign(answer.url);
    });
  });
}

function accounts(offered) {
  go("account", "SELECT_ACCOUNT", step(4));
  find("[data-list]").replaceChildren(...offered.map((account, at) => {
    const label = document.createElement("label");
    label.className = "account";
    const choice = document.createElement("input");
    choice.type = "radio";
    choice.name = "account";
    choice.value = String(at);
    choice.checked = at === 0;
    const text = document.createElement("span");
    text.append(account.name + " ");
    const mask = document.createElement("small");
    mask.textContent = account.subtype + ", ends in " + account.mask;
    text.append(mask);
    label.append(choice, text);
    return label;
  }));
  find("form").addEventListener("submit", (submit) => {
    submit.preventDefault();
    connect(Number(new FormData(submit.target).get("account")));
  });
}

async function connect(account) {
  const answer = await ask("connect", { account });
  if (answer.error) return failed(answer.error, false);
  go("done", "CONNECTED", step(steps()));
  press("[data-go]", () => {
    if (over) return;
    over = true;
    event("HANDOFF");
    tell("connected", CONNECTED_KEYS, {
      accounts: JSON.stringify(answer.accounts),
      institution_id: institution.id,
      institution_name: institution.name,
      link_session_id: visit.link_session_id,
      public_token: answer.public_token,
    });
    show("closed", "CONNECTED", "");
  });
}

function failed(error, another) {
  show("error", "ERROR", "");
  event("ERROR", errorFields(error));
  find("[data-error]").textContent = error.display_message;
  const again = find("[data-go]");
  again.hidden = !another;
  // A repair is of one bank: there is no other to choose.
  again.textContent = visit.repair ? "Try again" : "Choose another bank";
  again.addEventListener("click", visit.repair ? signIn : choose);
  press("[data-close]", () => exit(error));
}

// --- the server -------------------------------------------------------------------------------------------------

async function ask(what, fields) {
  try {
    const response = await fetch("/link/visit/" + what, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token, ...fields }),
    });
    const answer = await response.json();
    if (answer.request_id) visit.request_id = answer.request_id;
    return answer;
  } catch {
    return { error: {
      error_type: "API_ERROR", error_code: "INTERNAL_SERVER_ERROR", error_message: "the stand-in did not answer",
      display_message: "The stand-in did not answer. Is it still running?",
    } };
  }
}

async function open() {
  const answer = await ask("open", { received });
  visit = { ...visit, ...answer };
  document.getElementById("cancel").addEventListener("click", () => exit(null));
  if (answer.institution) institution = answer.institution;
  if (answer.error) {
    event("OPEN", { view_name: "LOADING" });
    return failed(answer.error, false);
  }
  if (answer.returned) {
    // The second launch: the person comes back from the bank's own page.
    view = "OAUTH";
    event("OPEN");
    if (answer.returned.error) {
      event("FAIL_OAUTH", errorFields(answer.returned.error));
      return failed(answer.returned.error, true);
    }
    event("CLOSE_OAUTH");
    return visit.repair ? connect(0) : accounts(answer.returned.accounts);
  }
  view = "CONSENT";
  event("OPEN");
  consent();
}

addEventListener("keydown", (key) => {
  if (key.key === "Escape" && !document.getElementById("cancel").hidden) exit(null);
});
addEventListener("message", (message) => {
  if (message.source === window.parent && message.origin === host && message.data === "plaid-link-exit") exit(null);
});
open();
