// Everything that HTML and htmx cannot do alone. The server holds all state.
import { listen, pairShown } from "./keys.js";

listen();

// After a pair was swapped in, reading goes on at its heading, and the key guard starts anew.
document.addEventListener("htmx:after:swap", () => {
  const heading = document.querySelector("#pair h1, #done h1");
  if (heading && heading !== document.activeElement && !document.querySelector("#notice:not(:empty)")) {
    heading.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }
  pairShown(); // at once, and again when it is really on the screen
  requestAnimationFrame(() => requestAnimationFrame(pairShown));
});

// A notice stands above what it is about; the next request that succeeds takes it away.
document.addEventListener("htmx:before:swap", (event) => {
  pairShown();
  const status = event.detail?.ctx?.response?.status ?? 200;
  if (status < 400) document.querySelector("#notice")?.replaceChildren();
});

// No answer at all: the network, or the hub itself.
document.addEventListener("htmx:error", () => {
  document.querySelector("#notice").replaceChildren(document.querySelector("#silence").content.cloneNode(true));
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.opens)?.showModal();
  }
  const copier = event.target.closest("[data-copy]");
  if (copier) navigator.clipboard?.writeText(copier.dataset.copy).then(() => say(`${copier.dataset.copy} copied.`));
});

// Without scripts, or where the browser has no clipboard, there is nothing to offer.
if (navigator.clipboard) for (const copier of document.querySelectorAll("[data-copy]")) copier.hidden = false;

function say(text) {
  const line = document.querySelector("#say");
  if (line) line.textContent = text;
}

// Filters apply when they are chosen; without this script their button does it.
for (const form of document.querySelectorAll("form[data-at-once]")) {
  form.addEventListener("change", () => form.requestSubmit());
  form.querySelector("[data-apply]")?.setAttribute("hidden", "");
}

// Who chooses otherwise after what follows was shown must look again before they act.
document.addEventListener("change", (event) => {
  const name = event.target.matches("[type=checkbox], [type=radio]") && event.target.form?.dataset.outdates;
  const plan = name && document.getElementById(name);
  if (!plan) return;
  for (const button of plan.querySelectorAll("button")) button.disabled = true;
  plan.querySelector("[data-outdated]")?.removeAttribute("hidden");
});
