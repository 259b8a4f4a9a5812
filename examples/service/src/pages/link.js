// Opens Plaid Link and tells the service what came back. The link token is asked for here rather than
// written into the page, so that no saved copy of the page holds it.

const link = document.querySelector("[data-link]");
const button = link.querySelector("button");
const status = document.querySelector("#status");
const address = `/api/links/${link.dataset.link}`;

async function call(path, body) {
  const answer = await fetch(path, body === undefined ? {} : {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.message);
  return said;
}

// While Link is open it is all there is: nothing of the page behind it can be reached, by Tab or otherwise.
function behindLink(isBehind) {
  for (const part of document.querySelectorAll("body > header, body > main, body > footer")) part.inert = isBehind;
}

async function report(kind, payload) {
  behindLink(false);
  status.textContent = "One moment …";
  try {
    await call(`${address}/${kind}`, payload);
    location.assign(kind === "success" ? "/" : `/links/${link.dataset.link}`);
  } catch (error) {
    // What came back is still here: let the customer send it again.
    status.textContent = `That did not work: ${error.message}. `;
    const again = document.createElement("button");
    again.textContent = "Try again";
    again.addEventListener("click", () => report(kind, payload));
    status.append(again);
  }
}

async function open() {
  button.disabled = true;
  status.textContent = "Opening Plaid Link …";
  try {
    const { opens } = await call(address);
    if (!opens) return location.reload();
    const settings = {
      token: opens.linkToken,
      onSuccess: (public_token, metadata) => report("success", { public_token, metadata }),
      onExit: (error, metadata) => report("exit", { error, metadata }),
    };
    // Only when the bank's own page has sent the customer back, and then exactly as received.
    if (link.dataset.returned !== undefined) settings.receivedRedirectUri = location.href;
    Plaid.create(settings).open();
    behindLink(true);
    status.textContent = "";
  } catch (error) {
    behindLink(false);
    status.textContent = `Plaid Link could not be opened: ${error.message}`;
    button.disabled = false;
  }
}

button.addEventListener("click", open);
button.disabled = false;
if (link.dataset.returned !== undefined) open();
