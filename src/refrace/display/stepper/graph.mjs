// graph.mjs -- the states of a program as a graph, the walked path on top.

const MOST_DRAWN = 400;
const MOST_IN_A_LAYER = 40;
const [STEP, ROW, EDGE, TOP] = [46, 22, 20, 4];

/** The longest way to every state, in steps; null if there is a cycle. */
function longestWays(data) {
  const before = new Array(data.states.length).fill(0);
  data.edges.forEach((edges) => edges.forEach(([, target]) => { before[target] += 1; }));
  const layer = new Map([[0, 0]]);
  const queue = [0];
  for (const state of queue) {
    for (const [, target] of data.edges[state]) {
      layer.set(target, Math.max(layer.get(target) ?? 0, layer.get(state) + 1));
      before[target] -= 1;
      if (before[target] === 0) queue.push(target);
    }
  }
  return queue.length === data.states.length ? layer : null;
}

/** The distance of every state from the first one, in steps. */
function distances(data) {
  const layer = new Map([[0, 0]]);
  const queue = [0];
  for (const state of queue) {
    for (const [, target] of data.edges[state]) {
      if (!layer.has(target)) {
        layer.set(target, layer.get(state) + 1);
        queue.push(target);
      }
    }
  }
  return layer;
}

/** The position of every state: its distance to the right, its neighbours near. */
function placed(data) {
  const columns = [];
  for (const [state, layer] of longestWays(data) ?? distances(data)) (columns[layer] ??= []).push(state);
  const tallest = Math.max(...columns.map((column) => column.length));
  const height = tallest * ROW;
  const at = new Map();
  const sources = new Map();
  data.edges.forEach((edges, state) => {
    for (const [, target] of edges) sources.set(target, [...(sources.get(target) ?? []), state]);
  });
  columns.forEach((column, layer) => {
    const rank = (state) => {
      const before = (sources.get(state) ?? []).filter((one) => at.has(one));
      return before.reduce((sum, one) => sum + at.get(one)[1], 0) / (before.length || 1);
    };
    const ordered = [...column].sort((one, other) => rank(one) - rank(other) || one - other);
    ordered.forEach((state, place) => {
      const y = ((place + 0.5) * height) / ordered.length;
      at.set(state, [EDGE + layer * STEP, TOP + y]);
    });
  });
  return { at, width: 2 * EDGE + (columns.length - 1) * STEP, height: height + 2 * TOP, tallest };
}

function shape(name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function node(data, state, [x, y], isHere) {
  const wrong = data.kinds[state].length > 0;
  const over = !data.edges[state].length || wrong;
  const lost = !over && data.wrong[state] !== null && data.wrong[state] === data.runs[state];
  const parts = [];
  if (isHere) parts.push(shape("circle", { cx: x, cy: y, r: 11, class: "s-ink", fill: "none", "stroke-width": 2.5 }));
  if (wrong) {
    parts.push(shape("rect", { x: x - 6, y: y - 6, width: 12, height: 12, class: "f-bad" }));
    parts.push(shape("path", { d: `M${x - 3} ${y - 3}l6 6M${x + 3} ${y - 3}l-6 6`, class: "s-paper", "stroke-width": 2 }));
  } else if (over) {
    parts.push(shape("rect", { x: x - 6, y: y - 6, width: 12, height: 12, class: "f-good" }));
    parts.push(shape("path", { d: `M${x - 3} ${y}l2 3l4 -6`, class: "s-paper", fill: "none", "stroke-width": 2 }));
  } else {
    const role = lost ? "f-bad-pale s-bad" : data.wrong[state] === "0" ? "f-good-pale s-good" : "f-panel s-line";
    parts.push(shape("circle", { cx: x, cy: y, r: 5.5, class: role, "stroke-width": lost ? 2.5 : 1.5, "stroke-dasharray": lost ? "2 1.5" : "none" }));
  }
  const title = shape("title", {});
  title.textContent = wrong ? data.kinds[state].join(", ") : over ? "intact" : `state ${state}`;
  const group = shape("g", {});
  group.append(...parts, title);
  return group;
}

/** The graph as SVG; null if it is too large to be read. */
export function drawGraph(data, states) {
  if (data.states.length > MOST_DRAWN) return null;
  const { at, width, height, tallest } = placed(data);
  if (tallest > MOST_IN_A_LAYER) return null;
  const walked = new Set(states.slice(1).map((state, place) => `${states[place]}-${state}`));
  const svg = shape("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": "State graph: crosses are corrupt ends, ticks intact ends, the ring is the present state" });
  const [thin, thick] = [[], []];
  data.edges.forEach((edges, state) => {
    for (const [, target] of edges) {
      const [[x1, y1], [x2, y2]] = [at.get(state), at.get(target)];
      const isWalked = walked.has(`${state}-${target}`);
      const line = shape("line", { x1, y1, x2, y2, class: isWalked ? "s-ink" : "s-faint", "stroke-width": isWalked ? 3.5 : 1.2 });
      (isWalked ? thick : thin).push(line);
    }
  });
  const here = states[states.length - 1];
  svg.append(...thin, ...thick, ...[...at].map(([state, point]) => node(data, state, point, state === here)));
  return svg;
}
