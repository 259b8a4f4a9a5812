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
  loading(null);
  const status = {
    CONSENT: "requires_credentials", SELECT_INSTITUTION: "requires_credentials", CREDENTIAL: "requires_credentials",
    MFA: "requires_code", OAUTH: "requires_oauth", SELECT_ACCOUNT: "requires_account_selection",
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
  for (const spot of pane.querySelectorAll("[data-mark]")) mark(spot, institution);
  document.getElementById("step").textContent = step;
  document.getElementById("cancel").hidden = over || name === "done" || name === "error";
  document.body.dataset.pane = name;
  document.title = find("h1").textContent + " (stand-in)";
  document.getElementById("status").textContent = step;
  find("h1").focus();
}

// A bank's mark: its initials on a colour of its own.
function mark(spot, one) {
  spot.className = "mark";
  spot.dataset.institution = one.id;
  // The style sheet shows them: they are no text that is read out or looked for.
  spot.dataset.initials = one.name.split(/[^A-Za-z]+/).map((word) => word.charAt(0)).join("").slice(0, 2);
  return spot;
}

// While the server is asked nothing can be pressed but Cancel.
function loading(words) {
  const box = document.getElementById("loading");
  box.hidden = words === null;
  document.getElementById("step").hidden = words !== null;
  box.querySelector("[data-words]").textContent = words || "";
  for (const one of pane.querySelectorAll("button, input")) one.disabled = words !== null;
  pane.setAttribute("aria-busy", String(words !== null));
  if (words !== null) document.getElementById("status").textContent = words;
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
      const sign = mark(document.createElement("span"), one);
      sign.setAttribute("aria-hidden", "true");
      const text = document.createElement("span");
      // The blank is for those who hear the button's name.
      text.append(one.name + " ");
      const note = document.createElement("small");
      note.textContent = one.note;
      text.append(note);
      button.append(sign, text);
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
    const sent = { institution: institution.id, username: "", password: "" };
    const answer = await ask("sign-in", sent, "Asking " + institution.name + "…");
    return failed(answer.error, true);
  }
  go("credential", "CREDENTIAL", step(visit.repair ? 2 : 3));
  find("[data-degraded]").hidden = institution.kind !== "degraded";
  const form = find("form");
  find("[data-logins]").replaceChildren(...visit.logins.map((known) => {
    const item = document.createElement("li");
    const text = document.createElement("span");
    const login = document.createElement("code");
    login.textContent = known.username + " / " + known.password;
    const outcome = document.createElement("small");
    outcome.textContent = known.outcome;
    text.append(login, outcome);
    const use = document.createElement("button");
    use.type = "button";
    use.className = "quiet";
    use.textContent = "Fill in";
    use.setAttribute("aria-label", "Fill in " + known.username + " / " + known.password);
    use.addEventListener("click", () => {
      form.username.value = known.username;
      form.password.value = known.password;
      form.querySelector("[type=submit]").focus();
    });
    item.append(text, use);
    return item;
  }));
  form.addEventListener("submit", async (submit) => {
    submit.preventDefault();
    event("SUBMIT_CREDENTIALS");
    const sent = { institution: institution.id, username: form.username.value, password: form.password.value };
    const answer = await ask("sign-in", sent, "Signing in at " + institution.name + "…");
    if (!answer.error) return answer.code_to ? code(answer.code_to) : signedIn(answer.accounts);
    const isRefused = answer.error.error_code === "INVALID_CREDENTIALS";
    if (!isRefused && answer.error.error_code !== "INSTITUTION_NOT_RESPONDING") return failed(answer.error, false);
    if (isRefused) form.password.value = "";
    refuse(answer.error, isRefused ? form.password : form.querySelector("[type=submit]"));
  });
}

// Says what the bank did not take, and where to mend it.
function refuse(error, field) {
  event("ERROR", errorFields(error));
  const box = find("[data-error]");
  box.textContent = error.display_message;
  box.hidden = false;
  field.setAttribute("aria-describedby", "refusal");
  field.focus();
}

const signedIn = (offered) => (visit.repair ? connect(0) : accounts(offered));

// The second factor.
function code(to) {
  go("code", "MFA", step(visit.repair ? 2 : 3));
  find("[data-code-to]").textContent = to;
  const form = find("form");
  form.code.focus();
  form.addEventListener("submit", async (submit) => {
    submit.preventDefault();
    event("SUBMIT_MFA", { mfa_type: "code" });
    const answer = await ask("code", { code: form.code.value.trim() }, "Checking the code…");
    if (!answer.error) return signedIn(answer.accounts);
    if (answer.error.error_code !== "INVALID_MFA") return failed(answer.error, false);
    form.code.value = "";
    refuse(answer.error, form.code);
  });
}

function oauth() {
  go("oauth", "OAUTH", step(visit.repair ? 2 : 3));
  press("[data-go]", async () => {
    const answer = await ask("oauth", { institution: institution.id, webview, host }, "Opening the bank's page…");
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
  const answer = await ask("connect", { account }, "Linking your account…");
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

async function ask(what, fields, words) {
  loading(words);
  const answer = await answered(what, fields);
  // Who left meanwhile is no longer here to be told.
  if (over) return new Promise(() => {});
  loading(null);
  if (answer.request_id) visit.request_id = answer.request_id;
  return answer;
}

async function answered(what, fields) {
  try {
    const response = await fetch("/link/visit/" + what, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token, ...fields }),
    });
    return await response.json();
  } catch {
    return { error: {
      error_type: "API_ERROR", error_code: "INTERNAL_SERVER_ERROR", error_message: "the stand-in did not answer",
      display_message: "The stand-in did not answer. Is it still running?",
    } };
  }
}

async function open() {
  const answer = await ask("open", { received }, "Opening…");
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
    return signedIn(answer.returned.accounts);
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
