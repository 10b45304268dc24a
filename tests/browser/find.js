// Finds what a person finds: one visible control of a kind, by the name it is read out with.
//
// Returns the element, or text that says why there is none. `place` narrows it to the smallest part of
// the page that shows a text, or is called so, and has such a control; empty is the whole page.
const [kind, name, place] = arguments;
const KINDS = {
  field: "input:not([type=hidden]), select, textarea",
  button: "button, input[type=submit], summary, [role=button]",
  link: "a[href]",
};
const PARTS = "tr, li, dl, fieldset, form, article, section, details, dialog, nav";

const plain = (text) => (text || "").replace(/\s+/g, " ").trim();
const shown = (element) => element.checkVisibility({ visibilityProperty: true });

function nameOf(element) {
  const by = element.getAttribute("aria-labelledby");
  if (by) return plain(by.split(" ").map((id) => document.getElementById(id)?.innerText).join(" "));
  // That a field may be left empty is read out after its name.
  const labels = [...(element.labels || [])].map((label) => label.innerText.replace(/\soptional$/, ""));
  return plain(element.getAttribute("aria-label") || labels.join(" ") || element.innerText || element.value);
}

function named(root) {
  const all = [...root.querySelectorAll(KINDS[kind])].filter(shown);
  return { all, found: all.filter((element) => nameOf(element) === name) };
}

function parts() {
  const called = (part) => part.getAttribute("aria-label") === place || plain(part.innerText).includes(place);
  const showing = [...document.querySelectorAll(PARTS)].filter(
    (part) => shown(part) && called(part) && named(part).found.length,
  );
  return showing.filter((part) => !showing.some((other) => other !== part && part.contains(other)));
}

const roots = place ? parts() : [document];
const found = [...new Set(roots.flatMap((root) => named(root).found))];
if (found.length === 1) return found[0];
if (found.length > 1) return `${found.length} are called that`;
return `there are: ${named(document).all.map(nameOf).map((one) => `"${one}"`).join(", ")}`;
