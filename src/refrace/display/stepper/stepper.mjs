// stepper.mjs -- walk through a race program, one step at a time, in any page.
//
// One module for notebooks (anywidget calls `render`), reports and the documentation
// (they call `mount`).  It needs no network and no other module.  `data` is what
// refrace.explorer.step_data describes: every state and step of the program.

import { drawGraph } from "./graph.mjs";
import { followTheme } from "./theme.mjs";
import { tokenOf } from "./token.mjs";

const GOALS = {
  explore: "Explore",
  fail: "Make it fail",
  safe: "Keep it safe",
};

// ------------------------------------------------------------------- the choices

// A code is four times a thread, plus 0 for a step, 1 for a `maybe` that is taken, 2 for
// a write that leaves the store buffer and 3 for an interrupt; plus 256 times which interrupt,
// or under C11 which writes it takes.
const threadOf = (code) => (code & 255) >> 2;
const branchOf = (code) => code & 3;
const choiceOf = (code) => (branchOf(code) === 3 ? 0 : code >> 8);

/** The mark of a code in a schedule: "+", "~", "!", "!2", "@1", "@0.1". */
function markOf(code) {
  const [first, second] = [choiceOf(code) & 15, choiceOf(code) >> 4];
  const old = first || second ? `@${first}${second ? `.${second}` : ""}` : "";
  const nth = branchOf(code) === 3 && code >> 8 ? (code >> 8) + 1 : "";
  return `${["", "+", "~", "!"][branchOf(code)]}${nth}${old}`;
}

/** Of which step a message is; 0: it is from before the run. */
function sourceOf(sources, place) {
  return sources[place - 1] ?? 0;
}

/** Which write an edge reads, if another one was possible; else "". */
export function writeReadBy(data, state, edge, sources) {
  const [code, , number, message] = edge;
  if (message === undefined) return "";
  const same = data.edges[state].filter(([other]) =>
    threadOf(other) === threadOf(code) && branchOf(other) === branchOf(code));
  if (same.length < 2) return "";
  if (!message) return choiceOf(code) ? "behind an older write" : "behind the newest write";
  const [value, isOld] = data.steps[number].reads;
  const source = sourceOf(sources, message);
  const from = source ? `of step ${source}` : "from the start";
  return isOld ? `reads old ${value} ${from}` : `reads ${value} ${from}, the newest`;
}

// ---------------------------------------------------------------- the run so far

/** A run: the codes of its steps, how many of them are taken, and where they lead. */
export class Run {
  constructor(data) {
    this.data = data;
    this.codes = [];
    this.at = 0;
  }

  get taken() {
    return this.codes.slice(0, this.at);
  }

  /** Every step up to now: [code, state before, state after, step, preempts, edge, sources]. */
  *walked() {
    let state = 0;
    let last = -1;
    let number = 0;
    let sources = [];
    for (const code of this.taken) {
      const edge = this.data.edges[state].find((one) => one[0] === code);
      const thread = threadOf(code);
      const lastCan = this.data.edges[state].some(([c]) => threadOf(c) === last && branchOf(c) < 2);
      const drains = branchOf(code) === 2;
      number += 1;
      yield [code, state, edge[1], this.data.steps[edge[2]], !drains && lastCan && thread !== last, edge, sources];
      state = edge[1];
      last = drains ? last : thread;
      if (edge.length > 3) {
        const before = sources;
        const now = number;
        sources = this.data.moves[edge[4]].map((place) => (place ? sourceOf(before, place) : now));
      }
    }
    this.sources = sources;
  }

  get state() {
    let state = 0;
    for (const [, , after] of this.walked()) state = after;
    return state;
  }

  get choices() {
    return this.data.edges[this.state];
  }

  get preemptions() {
    return [...this.walked()].filter((step) => step[4]).length;
  }

  get oldValues() {
    return this.taken.filter((code) => choiceOf(code) > 0).length;
  }

  /** What a possible step reads, if it could read another write; else "". */
  reads(edge) {
    const { state } = this; // which walks the run, and so finds the sources
    return writeReadBy(this.data, state, edge, this.sources);
  }

  get size() {
    const size = `${counted(this.at, "step")}, ${counted(this.preemptions, "preemption")}`;
    return this.oldValues ? `${size}, ${counted(this.oldValues, "old value")}` : size;
  }

  take(code) {
    if (!this.choices.some((edge) => edge[0] === code)) return false;
    if (this.codes[this.at] !== code) this.codes = [...this.taken, code];
    this.at += 1;
    return true;
  }

  back() {
    if (this.at > 0) this.at -= 1;
  }

  forward() {
    if (this.at < this.codes.length) this.at += 1;
    else if (this.choices.length === 1) this.take(this.choices[0][0]);
  }

  go(codes) {
    this.codes = [...codes];
    this.at = codes.length;
  }
}

function counted(n, noun) {
  return n === 1 ? `1 ${noun}` : `${n} ${noun}s`;
}

/** How many runs from a state go wrong, in words: "4 of 6 runs go wrong". */
export function chances(data, state) {
  const [runs, wrong] = [data.runs[state], data.wrong[state]];
  if (runs === "1") return wrong === "1" ? "goes wrong" : "ends intact";
  if (runs !== null && runs === wrong) return `all ${grouped(runs)} runs go wrong`;
  const some = wrong === null ? "infinitely many" : wrong === "0" ? "none" : grouped(wrong);
  if (runs === null) return `${some} of infinitely many runs go wrong`;
  return `${some} of ${grouped(runs)} runs go wrong`;
}

/** The share of the runs from a state that go wrong, 0 to 1; NaN if unknown. */
export function share(data, state) {
  const [runs, wrong] = [data.runs[state], data.wrong[state]];
  if (wrong === "0") return 0;
  if (runs === null || wrong === null) return NaN;
  return Number((BigInt(wrong) * 1000000n) / BigInt(runs)) / 1e6;
}

function grouped(digits) {
  return digits.replace(/\B(?=(\d{3})+$)/g, ",");
}

// ------------------------------------------------------------------- the elements

/** Make an element: `make("p", {class: "x"}, "text", child)`. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function bar(value) {
  const filled = make("span", { style: `width:${Number.isNaN(value) ? 0 : 100 * value}%` });
  return make("span", { class: "rs-bar", "aria-hidden": "true" }, filled);
}

const MERGED = "An exploration may count fewer states: it merges more of them.";
const LEGEND = "Ring: now. Thick line: your run. Cross: the run goes wrong. Tick: it ends intact. "
  + "Dashed circle: every run from there goes wrong.";
const MARKS = { load: "\u25cb", store: "\u25a0", update: "\u25c6", take: "\u25bc", release: "\u25b3", free: "\u2297" };

/** Build the stepper in `root`; returns its controls. */
export function mount(root, data, { codes = [], onchange = () => {} } = {}) {
  const run = new Run(data);
  let goal = "explore";
  let said = "";
  run.go(codes);

  const act = (change) => {
    said = "";
    change();
    draw();
    onchange(run.taken);
  };
  const take = (code) => act(() => run.take(code));
  const controls = {
    start: () => act(() => { run.at = 0; }),
    back: () => act(() => run.back()),
    forward: () => act(() => run.forward()),
    counterexample: () => act(() => data.shortest && run.go(data.shortest)),
    take,
    copy: async () => {
      const token = tokenOf(data, run);
      try {
        await navigator.clipboard.writeText(token);
        said = "Copied the replay token.";
      } catch {
        said = `Replay token: ${token}`; // pages from a disk may not write the clipboard
      }
      draw();
      return token;
    },
    token: () => tokenOf(data, run),
    show: (shown) => {
      run.go(shown);
      draw();
    },
    run,
  };

  root.classList.add("rf", "rs");
  root.setAttribute("tabindex", "0");
  root.setAttribute("role", "group");
  const setting = `${data.mode}, GIL ${data.gil}${data.memory ? ", C11" : ""}`;
  root.setAttribute("aria-label", `Stepper of a program in ${setting}`);
  root.onkeydown = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.tagName === "SELECT") return;
    const keys = {
      ArrowLeft: controls.back,
      ArrowRight: controls.forward,
      Home: controls.start,
      End: controls.counterexample,
      u: controls.back,
      t: controls.copy,
    };
    const nth = run.choices[Number(event.key) - 1];
    if (event.key in keys) keys[event.key]();
    else if (nth) take(nth[0]);
    else return;
    event.preventDefault();
  };

  function draw() {
    const focus = root.contains(document.activeElement) && document.activeElement.dataset.key;
    root.replaceChildren(
      head(), toolbar(),
      make("div", { class: "rs-columns" },
        make("div", {}, choices(), program()),
        make("div", {}, variables(), history())),
      graph(),
    );
    if (focus) (root.querySelector(`[data-key="${focus}"]:not(:disabled)`) ?? root).focus();
  }

  function verdict() {
    const { state } = run;
    const kinds = data.kinds[state];
    if (kinds.length) return `This run goes wrong: ${kinds.join(", ")}.`;
    if (!run.choices.length) return "This run ends intact.";
    if (goal !== "explore") return goal === "fail" ? "Find a run that goes wrong." : "Let no run go wrong.";
    const only = data.runs[state] === "1" ? "the only run " : "";
    return `From here, ${only}${chances(data, state)}.`;
  }

  function judged() {
    const over = !run.choices.length || data.kinds[run.state].length > 0;
    if (goal === "explore" || !over) return "";
    const wrong = data.kinds[run.state].length > 0;
    const { size } = run;
    if (wrong === (goal === "fail")) {
      const best = goal === "fail" && data.shortest ? ` The smallest such run has ${data.shortest.length} steps.` : "";
      return ` You did it, in ${size}.${best}`;
    }
    const turn = [...run.walked()].findIndex(([, , after]) =>
      goal === "fail" ? data.wrong[after] === "0" : data.wrong[after] !== null && data.wrong[after] === data.runs[after]);
    return turn < 0 ? " Not this time." : ` It was decided in step ${turn + 1}: go back and choose again.`;
  }

  function head() {
    const kinds = data.kinds[run.state];
    const over = !run.choices.length || kinds.length > 0;
    const tone = kinds.length ? "bad" : over ? "good" : "open";
    const sign = kinds.length ? "\u26a0 " : over ? "\u2713 " : "";
    const waits = data.waits[run.state].join("; ");
    const value = share(data, run.state);
    return make("div", { class: `rs-head rs-${tone}`, "aria-live": "polite" },
      make("strong", {}, sign + verdict() + judged()),
      goal === "explore" && !over ? bar(value) : "",
      waits ? make("p", {}, `${waits}.`) : "",
      said ? make("p", { class: "rs-said" }, said) : "");
  }

  function button(key, label, title, action, disabled = false) {
    return make("button", { type: "button", "data-key": key, title, disabled, onclick: action }, label);
  }

  function toolbar() {
    const select = make("select", {
      "data-key": "goal", "aria-label": "Goal",
      onchange: (event) => act(() => { goal = event.target.value; run.at = 0; run.codes = []; }),
    }, ...Object.entries(GOALS).map(([value, label]) =>
      make("option", { value, selected: value === goal }, label)));
    return make("div", { class: "rs-tools", role: "toolbar", "aria-label": "Steps" },
      button("start", "|\u25c0 Start", "Home", controls.start, run.at === 0),
      button("back", "\u25c0 Back", "Left arrow, or u", controls.back, run.at === 0),
      button("forward", "Forward \u25b6", "Right arrow", controls.forward,
        run.at === run.codes.length && run.choices.length !== 1),
      button("counterexample", "Counterexample \u25b6|", "End", controls.counterexample, !data.shortest),
      button("copy", "Copy token", "t", controls.copy),
      select,
      make("span", { class: "rs-soft" },
        `Step ${run.size.replace(/ steps?/, "")}; ${setting}`));
  }

  function choices() {
    const rows = run.choices.map((edge, place) => {
      const [code, target, number] = edge;
      const step = data.steps[number];
      const reads = run.reads(edge);
      const what = [step.does, step.place && `${step.place} ${step.value}`, ...step.notes];
      const shown = goal === "explore";
      return make("button", {
        type: "button", class: `rs-choice rs-t${(step.thread % 4) + 1}`, "data-key": `take-${code}`,
        "data-code": code, onclick: () => take(code),
      },
      make("span", {}, make("kbd", {}, String(place + 1)), " ",
        make("b", {}, data.threads[step.thread]), ` ${MARKS[step.mark] ?? "\u2022"} `,
        make("code", {}, ...what.filter(Boolean).flatMap((part) => [make("span", { class: "rs-part" }, part), " "])),
        reads ? make("span", { class: choiceOf(code) ? "rs-old" : "rs-newest" }, reads) : ""),
      shown ? make("span", { class: "rs-soft" }, bar(share(data, target)), ` ${chances(data, target)}`) : "");
    });
    const none = make("p", { class: "rs-soft" }, "No thread can go on: the run is over.");
    return make("section", { "aria-label": "Next step" },
      make("h3", {}, data.memory ? "Who takes the next step, and what does it read?" : "Who takes the next step?"), ...(rows.length ? rows : [none]));
  }

  function program() {
    const next = new Map();
    for (const [, , number] of run.choices) {
      const { line, thread } = data.steps[number];
      if (line) next.set(line, [...new Set([...(next.get(line) ?? []), data.threads[thread]])]);
    }
    const lines = data.program.map((text, place) => {
      const who = next.get(place + 1);
      return make("span", { class: who ? "rs-line rs-next" : "rs-line" },
        make("i", {}, who ? `${who.join(" ")} \u25b6` : ""), `${text}\n`);
    });
    return make("section", { "aria-label": "Program" }, make("h3", {}, "Program"), make("pre", {}, ...lines));
  }

  function variables() {
    const before = run.at ? [...run.walked()][run.at - 1][1] : null;
    const rows = [];
    data.variables.forEach((name, place) => {
      const value = data.states[run.state][place] ?? -1;
      const old = before === null ? value : data.states[before][place] ?? -1;
      if (value < 0) return;
      const changed = old !== value;
      rows.push(make("tr", { class: changed ? "rs-changed" : "" }, make("th", { scope: "row" }, name),
        make("td", {}, `${data.values[value]}`, changed ? make("span", {}, old < 0 ? " new" : ` \u2190 ${data.values[old]}`) : "")));
    });
    return make("section", { "aria-label": "State" }, make("h3", {}, "State"),
      make("table", {}, make("tbody", {}, ...rows)));
  }

  function history() {
    const rows = [...run.walked()].map(([code, before, , step, preempts, edge, sources], place) =>
      make("li", { class: `rs-t${(step.thread % 4) + 1}` },
        preempts ? make("em", {}, "preempted; ") : "",
        make("button", { type: "button", class: "rs-link", "data-key": `step-${place}`,
          onclick: () => act(() => { run.at = place + 1; }) },
        `${data.threads[threadOf(code)]}${markOf(code)} ${step.does}`),
        step.place ? ` ${step.place} ${step.value}` : "",
        choiceOf(code) ? make("span", { class: "rs-old" }, ` ${writeReadBy(data, before, edge, sources)}`) : ""));
    return make("section", { "aria-label": "Run so far" }, make("h3", {}, "Run so far"),
      rows.length ? make("ol", {}, ...rows) : make("p", { class: "rs-soft" }, "No step yet."));
  }

  function graph() {
    const states = [0, ...[...run.walked()].map(([, , after]) => after)];
    const drawn = goal === "explore" ? drawGraph(data, states) : null;
    const size = `${data.states.length.toLocaleString("en")} states`;
    return make("details", { class: "rs-graph", open: root.dataset.graph !== "closed",
      ontoggle: (event) => { root.dataset.graph = event.target.open ? "open" : "closed"; } },
    make("summary", {}, `State graph: ${size}`),
    drawn ? make("p", { class: "rs-soft" }, LEGEND) : "",
    make("p", { class: "rs-soft" }, MERGED),
    drawn ?? make("p", { class: "rs-soft" },
      goal === "explore" ? "Too many states to draw." : "Hidden until you explore."));
  }

  draw();
  return controls;
}

/** Build every stepper of a page that has its data next to it. */
export function mountAll() {
  for (const root of document.querySelectorAll("[data-refrace-stepper]")) {
    if (root.stepper) continue; // another stepper of the page has the same script
    const source = root.querySelector('script[type="application/json"]');
    const data = JSON.parse(source.textContent);
    root.stepper = mount(root, data, { codes: data.begins ?? [] });
  }
}

function render({ model, el }) {
  // marimo puts a widget into a shadow tree, whose style sheet does not see the page.
  const themed = document.createElement("div");
  const root = document.createElement("div");
  themed.append(root);
  el.append(themed);
  const data = JSON.parse(model.get("data"));
  root.stepper = mount(root, data, {
    codes: model.get("codes"),
    onchange: (codes) => { model.set("codes", codes); model.save_changes(); },
  });
  model.on("change:codes", () => {
    const codes = model.get("codes");
    if (codes.join() !== root.stepper.run.taken.join()) root.stepper.show(codes);
  });
  return followTheme(themed);
}

export default { render };
