// The page at `/`: it shows what `/_sandbox` tells, and asks what the forms say.
"use strict";

const told = document.getElementById("told");

async function facts() {
  const facts = await (await fetch("/_sandbox")).json();
  facts.banks = facts.banks.join(", ");
  for (const place of document.querySelectorAll("[data-fact]")) {
    place.textContent = facts[place.dataset.fact];
  }
  const rows = facts.logins.map(({ username, password, outcome }) => {
    const row = document.createElement("tr");
    for (const text of [username, password, outcome]) {
      row.insertCell().textContent = text;
    }
    return row;
  });
  document.querySelector("[data-list=logins]").replaceChildren(...rows);
}

async function ask(form) {
  const fields = Object.fromEntries(new FormData(form));
  const path = form.dataset.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(fields[name].trim()));
  if (fields.advanceSeconds) {
    fields.advanceSeconds = Number(fields.advanceSeconds);
  }
  const answer = await fetch(path, {
    method: form.dataset.method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(fields),
  });
  const text = await answer.text();
  try {
    told.textContent = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    told.textContent = text || (answer.ok ? "Done." : `Refused: ${answer.status}`);
  }
  await facts();
}

document.addEventListener("submit", (event) => {
  event.preventDefault();
  ask(event.target).catch(() => {
    told.textContent = "The stand-in does not answer. Has it stopped?";
  });
});

facts();
