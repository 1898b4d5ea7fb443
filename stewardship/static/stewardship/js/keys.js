// Single keys press the buttons that name them with data-key, so that permission, disabled state and tests come for free.
// Letters are inert in fields, while composing, with Ctrl/Alt/Meta, and when the person switched them off.

const GUARD_MS = 150; // a verdict counts only when its pair has been on the screen this long
const GO = { h: "/", r: "/review/", c: "/requests/", e: "/records/", l: "/loads/", q: "/quarantine/", s: "/sync/", d: "/drift/", u: "/settings/" };

let shownAt = performance.now();
let awaitsGoal = false;

export function pairShown() {
  shownAt = performance.now();
}

function isTyping(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input:not([type=checkbox]):not([type=radio]), select, textarea"));
}

function find(key) {
  const scope = document.querySelector("dialog[open]") ?? document;
  return [...scope.querySelectorAll("[data-key]")].find((element) => element.dataset.key === key && !element.disabled && element.getClientRects().length > 0);
}

function goTo(key) {
  awaitsGoal = false;
  const link = GO[key] && document.querySelector(`a[href="${GO[key]}"]`);
  if (link) link.click();
  return Boolean(link);
}

function press(event) {
  if (awaitsGoal) return goTo(event.key.toLowerCase());
  if (event.key === "g") {
    awaitsGoal = true;
    setTimeout(() => (awaitsGoal = false), 1200);
    return true;
  }
  const element = find(event.key.length === 1 ? event.key.toLowerCase() : event.key);
  if (!element) return false;
  // A key that is still held or bounces must never decide a pair that nobody has seen.
  if (element.hasAttribute("data-guard") && (event.repeat || performance.now() - shownAt < GUARD_MS)) return true;
  if (event.repeat) return true;
  if (element.matches("input, textarea, select")) element.focus();
  else element.click();
  return true;
}

export function listen() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (isTyping(event.target) || document.body.dataset.shortcuts === "off") return;
    if (event.key === "Enter" && event.target !== document.body && !event.target.matches("h1, main")) return;
    if (press(event)) event.preventDefault();
  });
}
