"use strict";
const form = document.getElementById("filters");
const findings = [...document.querySelectorAll("article")];
function show() {
  const levels = new Set([...form.elements.level].filter((box) => box.checked).map((box) => box.value));
  const operation = form.elements.operation.value;
  let shown = 0;
  for (const finding of findings) {
    const meets = operation === "" || finding.dataset.operations.split("\n").includes(operation);
    finding.hidden = !(levels.has(finding.dataset.level) && meets);
    if (!finding.hidden) shown += 1;
  }
  form.elements.shown.value = `${shown} of ${findings.length} shown`;
}
form.hidden = findings.length === 0;
form.addEventListener("change", show);
form.addEventListener("submit", (event) => event.preventDefault());
addEventListener("pageshow", show);
