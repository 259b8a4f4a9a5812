"use strict";
const form = document.getElementById("filters");
const findings = [...document.querySelectorAll(".finding")];
function meets(finding, operation) {
  return finding.dataset.operations.split(" ").some((run) => {
    const [first, last = first] = run.split("-").map(Number);
    return first <= operation && operation <= last;
  });
}
function show() {
  const levels = new Set([...form.elements.level].filter((box) => box.checked).map((box) => box.value));
  const operation = form.elements.operation.value;
  const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const finding of findings) {
    const text = words.length ? finding.textContent.toLowerCase() : "";
    finding.hidden = !levels.has(finding.dataset.level)
      || !words.every((word) => text.includes(word))
      || (operation !== "" && !meets(finding, Number(operation)));
    if (!finding.hidden) shown += 1;
  }
  for (const part of document.querySelectorAll(".part")) {
    const own = [...part.querySelectorAll(".finding")];
    part.hidden = own.length > 0 && own.every((finding) => finding.hidden);
  }
  form.elements.shown.value = `${shown} of ${form.elements.shown.dataset.all} shown`;
}
function openTarget() {
  const target = document.getElementById(location.hash.slice(1));
  if (!target || !target.classList.contains("finding")) return;
  if (target.hidden) {
    form.reset();
    show();
  }
  target.open = true;
  target.scrollIntoView();
}
function setAll(open) {
  for (const finding of findings) if (!finding.hidden) finding.open = open;
}
form.hidden = findings.length === 0;
form.addEventListener("input", show);
form.addEventListener("submit", (event) => event.preventDefault());
form.elements.open.addEventListener("click", () => setAll(true));
form.elements.close.addEventListener("click", () => setAll(false));
for (const button of document.querySelectorAll(".copy")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = button.dataset.copy;
    const label = button.textContent;
    try {
      await navigator.clipboard.writeText(text.startsWith("#") ? location.href.split("#")[0] + text : text);
      button.textContent = "copied";
    } catch {
      button.textContent = "not copied";
    }
    setTimeout(() => { button.textContent = label; }, 1500);
  });
}
addEventListener("pageshow", show);
addEventListener("hashchange", openTarget);
addEventListener("beforeprint", () => { for (const finding of findings) finding.open = true; });
show();
openTarget();
