"use strict";

// Filters, search, keyboard shortcuts and copying; the page is complete without them.
{
  const root = document.documentElement;
  const tools = document.getElementById("tools");
  const conversations = document.getElementById("conversations");
  const buttons = [...document.querySelectorAll("[data-show]")].filter((part) => part !== conversations);
  const search = document.getElementById("search");
  const status = document.getElementById("status");
  const nothing = document.getElementById("nothing");
  const unfold = document.getElementById("unfold");

  // What blocks comes first, then what was not executed, then what is tolerated.
  const RANKS = { failed: 0, error: 0, timeout: 0, skipped: 1, tolerated: 2 };
  const rankOf = (kinds) => Math.min(3, ...[...kinds].map((kind) => RANKS[kind] ?? 3));
  const steps = [...document.querySelectorAll(".step")].map((node, at) => {
    const kinds = new Set([...node.classList, "all"]);
    return { node, at, kinds, rank: rankOf(kinds), text: null, fits: true };
  });
  const stepOf = new Map(steps.map((step) => [step.node, step]));
  const groupOf = (node) => ({
    node,
    steps: [...node.querySelectorAll(".step")].map((step) => stepOf.get(step)),
    kinds: new Set([...node.classList]),
  });
  const sections = [...document.querySelectorAll(".conversation")].map(groupOf);
  const folds = [...document.querySelectorAll(".fold")].map((node) => ({
    ...groupOf(node),
    details: node.firstElementChild,
    isOurs: false,
  }));
  // Old links say "warnings" for the steps that have some.
  const NAMES = new Map([["warnings", "warned"], ...buttons.map(({ dataset }) => [dataset.show, dataset.show])]);
  let show = "all";
  let wanted = "";
  let current = null;

  const say = (text) => {
    status.textContent = text;
  };

  // The text of a step without its raw JSON; read on the first search.
  const textOf = (step) => {
    step.text ??= [...step.node.querySelectorAll("h3, .talk, .reasons, .warnings, .particulars > dl")]
      .map((part) => part.textContent)
      .join(" ")
      .toLowerCase();
    return step.text;
  };

  const filter = () => {
    wanted = search.value.trim().toLowerCase();
    let matches = 0;
    for (const step of steps) {
      const isHit = !wanted || textOf(step).includes(wanted);
      step.fits = step.kinds.has(show) && isHit;
      matches += step.fits;
      step.node.classList.toggle("miss", !isHit);
    }
    for (const fold of folds) {
      const hasHits = fold.steps.some((step) => step.fits);
      const opens = hasHits && Boolean(wanted || show === "passed");
      fold.node.hidden = !hasHits;
      if (opens && !fold.details.open) {
        fold.details.open = fold.isOurs = true;
      } else if (!opens && fold.isOurs) {
        fold.details.open = fold.isOurs = false;
      }
    }
    const isPlain = !wanted && show === "all";
    for (const section of sections) {
      // A suite without steps, and one with warnings of its own, is no step's heading only.
      const isOfInterest = isPlain || (!wanted && section.kinds.has(show) && (show === "warned" || !section.steps.length));
      section.node.hidden = !isOfInterest && !section.steps.some((step) => step.fits);
    }
    conversations.dataset.show = show;
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.show === show));
    }
    nothing.hidden = sections.some((section) => !section.node.hidden);
    say(nothing.hidden ? `${matches} of ${tools.dataset.total} steps shown` : "nothing matches");
  };

  const choose = (name) => {
    if (name !== show) {
      current?.node.classList.remove("current");
      show = name;
      filter();
    }
  };

  const visit = (step) => {
    current?.node.classList.remove("current");
    current = step;
    for (const group of [...sections, ...folds].filter((group) => group.steps.includes(step))) {
      group.node.hidden = false;
      if (group.details) {
        group.details.open = true;
      }
    }
    nothing.hidden = true;
    step.node.classList.add("current");
    step.node.scrollIntoView({ block: "start" });
    step.node.querySelector("h3").focus({ preventScroll: true });
  };

  const move = (by) => {
    const open = steps.filter((step) => step.fits && (step.rank < 3 || show === "warned"));
    open.sort((a, b) => a.rank - b.rank || a.at - b.at);
    const here = open.indexOf(current);
    let next;
    if (here >= 0) {
      next = open[here + by];
    } else if (!current) {
      next = by > 0 ? open[0] : undefined;
    } else {
      next = by > 0 ? open.find((step) => step.at > current.at) : open.findLast((step) => step.at < current.at);
    }
    if (next) {
      visit(next);
    } else {
      say(`no ${by > 0 ? "later" : "earlier"} failure`);
    }
  };

  // The address holds the filter, `#show=failed`, or the current step, `#run-1-step-4`.
  const follow = () => {
    const place = location.hash.slice(1);
    const step = stepOf.get(document.getElementById(place));
    if (place.startsWith("show=") && NAMES.has(place.slice(5))) {
      choose(NAMES.get(place.slice(5)));
    } else if (!place) {
      choose("all");
    } else if (step) {
      visit(step);
    }
  };

  const copy = async (button) => {
    const label = button.textContent;
    const source = button.previousElementSibling;
    try {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = "copied";
    } catch {
      source.classList.add("complete");
      getSelection().selectAllChildren(source);
      button.textContent = "selected";
    }
    say(`${button.getAttribute("aria-label").replace(/^Copy the/, "")} ${button.textContent}`.trim());
    setTimeout(() => {
      button.textContent = label;
    }, 2000);
  };

  const setFolds = (isOpen) => {
    unfold.setAttribute("aria-pressed", String(isOpen));
    for (const fold of folds) {
      fold.details.open = isOpen;
      fold.isOurs = false;
    }
  };

  const reset = () => {
    search.value = "";
    show = "all";
    filter();
    location.hash = "show=all";
    search.focus();
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
    if (buttons.includes(button)) {
      choose(button.dataset.show);
      location.hash = `show=${show}`;
    } else if (button?.classList.contains("copy")) {
      copy(button);
    } else if (button === unfold) {
      setFolds(button.getAttribute("aria-pressed") !== "true");
    } else if (button?.id === "reset") {
      reset();
    } else {
      // A link to the step that the address holds already changes no address.
      const link = event.target.closest('a[href^="#"]');
      const step = link && link.hash === location.hash && stepOf.get(document.getElementById(link.hash.slice(1)));
      if (step) {
        visit(step);
      }
    }
  });
  search.addEventListener("input", filter);
  addEventListener("hashchange", follow);

  // What sticks to the top must cover nothing that a link or a key leads to.
  const measure = () => {
    const isSticky = getComputedStyle(tools).position === "sticky";
    root.style.setProperty("--tools", `${isSticky ? tools.offsetHeight : 0}px`);
  };

  root.classList.add("scripted");
  tools.hidden = steps.length === 0;
  unfold.hidden = folds.length === 0;
  for (const button of document.querySelectorAll(".copy")) {
    button.hidden = false;
  }
  measure();
  new ResizeObserver(measure).observe(tools);
  say(`${tools.dataset.total} steps`);
  follow();
}
