"use strict";

// Filters, search, keyboard shortcuts and copying; the page is complete without them.
{
  const KEEPS = {
    all: () => true,
    failed: (step) => !step.classList.contains("passed"),
    warnings: (step) => step.classList.contains("warned"),
  };
  const steps = [...document.querySelectorAll(".step")];
  const failures = steps.filter(KEEPS.failed);
  const buttons = [...document.querySelectorAll("[data-show]")];
  const search = document.getElementById("search");
  const status = document.getElementById("status");
  let show = "all";
  let current = null;
  let texts = null;

  const say = (text) => {
    status.textContent = text;
  };

  // The text of a step without its raw JSON; read on the first search.
  const textOf = (step) =>
    [...step.querySelectorAll("h3, .talk, .reasons, .warnings, .particulars > dl")]
      .map((part) => part.textContent)
      .join(" ")
      .toLowerCase();

  const filter = () => {
    const wanted = search.value.trim().toLowerCase();
    if (wanted && !texts) {
      texts = new Map(steps.map((step) => [step, textOf(step)]));
    }
    let matches = 0;
    for (const step of steps) {
      const fits = KEEPS[show](step) && (!wanted || texts.get(step).includes(wanted));
      step.hidden = !fits;
      matches += fits;
    }
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.show === show));
    }
    say(`${matches} of ${steps.length} steps shown`);
  };

  const visit = (step) => {
    current?.classList.remove("current");
    current = step;
    step.hidden = false;
    step.classList.add("current");
    step.scrollIntoView({ block: "start" });
    step.querySelector("h3").focus({ preventScroll: true });
  };

  const move = (by) => {
    const open = failures.filter((step) => !step.hidden);
    const places = open.map((step) => steps.indexOf(step));
    const here = current ? steps.indexOf(current) : -1;
    const next = by > 0 ? places.find((at) => at > here) : places.findLast((at) => at < here);
    if (next === undefined) {
      say(`no ${by > 0 ? "later" : "earlier"} step that did not pass`);
    } else {
      visit(steps[next]);
    }
  };

  // The address holds the filter, `#show=failed`, or the current step, `#run-1-step-4`.
  const follow = () => {
    const place = location.hash.slice(1);
    const wanted = place.startsWith("show=") ? place.slice(5) : "";
    const step = document.getElementById(place);
    if (Object.hasOwn(KEEPS, wanted)) {
      show = wanted;
      filter();
    } else if (!place && show !== "all") {
      show = "all";
      filter();
    } else if (step?.classList.contains("step")) {
      visit(step);
    }
  };

  const copy = async (button) => {
    const label = button.textContent;
    try {
      await navigator.clipboard.writeText(button.previousElementSibling.textContent);
      button.textContent = "copied";
    } catch {
      getSelection().selectAllChildren(button.previousElementSibling);
      button.textContent = "selected";
    }
    say(`request id ${button.textContent}`);
    setTimeout(() => {
      button.textContent = label;
    }, 2000);
  };

  const KEYS = {
    n: () => move(1),
    j: () => move(1),
    p: () => move(-1),
    k: () => move(-1),
    "/": () => search.focus(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (event.target === search) {
      if (event.key === "Escape") {
        search.value = "";
        filter();
        search.blur();
      }
    } else if (Object.hasOwn(KEYS, event.key)) {
      event.preventDefault();
      KEYS[event.key]();
    }
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.show) {
      location.hash = `show=${button.dataset.show}`;
    } else if (button?.classList.contains("copy")) {
      copy(button);
    }
  });
  search.addEventListener("input", filter);
  addEventListener("hashchange", follow);

  document.getElementById("tools").hidden = steps.length === 0;
  for (const button of document.querySelectorAll(".copy")) {
    button.hidden = false;
  }
  say(`${steps.length} steps`);
  follow();
}
