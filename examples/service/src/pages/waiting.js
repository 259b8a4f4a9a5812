// Reloads the page once something has changed. Ratio is asked (by asking for this page again) ten
// times, two seconds apart, as it advises; after that only our own service is asked, whether Ratio's
// webhook has said anything.

const seen = document.querySelector("[data-standing]").dataset.standing;
const pause = (milliseconds) => new Promise((resume) => setTimeout(resume, milliseconds));

async function standing() {
  const page = new DOMParser().parseFromString(await (await fetch("/")).text(), "text/html");
  return page.querySelector("[data-standing]")?.dataset.standing;
}

async function updates() {
  return (await (await fetch("/api/updates")).json()).version;
}

async function watch() {
  const before = await updates();
  for (let asked = 0; asked < 10; asked += 1) {
    await pause(2000);
    if ((await standing()) !== seen) return;
  }
  while ((await updates()) === before) await pause(5000);
}

watch().then(() => location.reload());
