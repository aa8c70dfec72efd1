'use strict'
// Nodes are [kind, name, account, words, region, cached, problem]; arrows are [from, to, through].
const { nodes, arrows } = JSON.parse(document.getElementById('data').textContent)
const [KIND, NAME, ACCOUNT, WORDS, REGION, CACHED, PROBLEM] = [0, 1, 2, 3, 4, 5, 6]
const KINDS = { session: 'sso-session', missing: 'does not exist', profile: '' }
const above = new Map(), below = new Map(), byName = new Map()
for (const [from, to, through] of arrows) {
  above.set(to, [from, through])
  if (!below.has(from)) below.set(from, [])
  below.get(from).push([to, through])
}
nodes.forEach((node, at) => byName.set(node[KIND] + ' ' + node[NAME], at))
const list = document.getElementById('list'), graph = document.getElementById('graph')
const search = document.getElementById('search'), count = document.getElementById('count')

const through = at => above.get(at)?.[1] ?? ''
const source = at => (above.has(at) ? nodes[above.get(at)[0]][NAME] : '')
const facts = at => [nodes[at][ACCOUNT], through(at) || nodes[at][WORDS], nodes[at][REGION],
  source(at) && 'from ' + source(at), KINDS[nodes[at][KIND]]].filter(Boolean).join(' · ')
const lines = nodes.map((node, at) =>
  [node[NAME], facts(at), node[CACHED] && 'cached until ' + node[CACHED], node[PROBLEM] && '! ' + node[PROBLEM]]
    .filter(Boolean).join(' ').toLowerCase())

function element(name, text, kind) {
  const made = document.createElement(name)
  if (text) made.textContent = text
  if (kind) made.className = kind
  return made
}

function row(at) {
  const button = element('button')
  button.dataset.at = at
  button.setAttribute('aria-pressed', at === chosen)
  button.append(element('b', nodes[at][NAME]), element('small', facts(at)))
  if (nodes[at][CACHED]) button.append(element('small', 'cached until ' + nodes[at][CACHED], 'good'))
  if (nodes[at][PROBLEM]) button.append(element('small', '! ' + nodes[at][PROBLEM], 'bad'))
  return button
}

let chosen = -1, waiting = 0
// The first answer is there at once; what follows is added while the browser has nothing else to do.
function find() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean)
  const found = []
  for (let at = 0; at < nodes.length; at++) if (words.every(word => lines[at].includes(word))) found.push(at)
  clearTimeout(waiting)
  list.replaceChildren()
  list.scrollTop = 0
  const profiles = found.filter(at => nodes[at][KIND] === 'profile').length
  count.textContent = found.length ? profiles + (profiles === 1 ? ' profile' : ' profiles') : 'nothing has these words'
  let next = 0
  const more = () => {
    const some = element('div', '', 'some')
    for (const end = Math.min(next + 100, found.length); next < end; next++) some.append(row(found[next]))
    list.append(some)
    if (next < found.length) waiting = setTimeout(more, 0)
  }
  more()
}

// The way to a node, from what it all begins with; a circle is left where it closes.
function way(at) {
  const nodesOnWay = [at], seen = new Set(nodesOnWay)
  while (above.has(nodesOnWay[0]) && !seen.has(above.get(nodesOnWay[0])[0])) {
    nodesOnWay.unshift(above.get(nodesOnWay[0])[0])
    seen.add(nodesOnWay[0])
  }
  return nodesOnWay
}

const SVG = 'http://www.w3.org/2000/svg', WIDE = 196, HIGH = 48, GAP = 108, MOST = 40
function shape(name, attributes, text) {
  const made = document.createElementNS(SVG, name)
  for (const key in attributes) made.setAttribute(key, attributes[key])
  if (text) made.textContent = text
  return made
}
const short = (text, most) => [...text].length > most ? [...text].slice(0, most - 1).join('') + '…' : text

function draw(columns, joints) {
  const rows = Math.max(...columns.map(column => column.length)), places = new Map()
  const svg = shape('svg', { width: columns.length * (WIDE + GAP) - GAP + 4, height: rows * (HIGH + 14) + 4, role: 'group' })
  const marker = shape('marker', { id: 'tip', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 8, markerHeight: 8, orient: 'auto' })
  marker.append(shape('path', { d: 'M0 0L8 4L0 8z' }))
  svg.append(marker)
  columns.forEach((column, x) => column.forEach((at, y) =>
    places.set(x + ' ' + at, [x * (WIDE + GAP) + 2, (y + (rows - column.length) / 2) * (HIGH + 14) + 2])))
  const labels = []
  for (const [x, from, to, words] of joints) {
    const [x1, y1] = places.get(x + ' ' + from), [x2, y2] = places.get(x + 1 + ' ' + to)
    const [a, b] = [y1 + HIGH / 2, y2 + HIGH / 2]
    svg.append(shape('path', { d: `M${x1 + WIDE} ${a}C${x1 + WIDE + 50} ${a} ${x2 - 60} ${b} ${x2 - 2} ${b}`, 'marker-end': 'url(#tip)' }))
    if (words) labels.push(shape('text', { class: 'faint over', x: x2 - 9, y: b - 7, 'text-anchor': 'end' }, short(words, 15)))
  }
  // Above every line.
  svg.append(...labels)
  columns.forEach((column, x) => column.forEach(at => {
    const node = nodes[at], [left, top] = places.get(x + ' ' + at)
    const kind = [at === chosen && 'here', (node[PROBLEM] || node[KIND] === 'missing') && 'bad'].filter(Boolean).join(' ')
    const group = shape('g', { class: kind, role: 'button', tabindex: 0, 'data-at': at, transform: `translate(${left} ${top})` })
    group.append(shape('title', {}, node[NAME] + ' ' + facts(at)))
    group.append(shape('rect', { width: WIDE, height: HIGH, rx: node[KIND] === 'session' ? 22 : 7 }))
    group.append(shape('text', { x: 13, y: 20 }, short((node[PROBLEM] ? '! ' : '') + node[NAME], 22)))
    const below = [node[ACCOUNT], node[WORDS], KINDS[node[KIND]]].filter(Boolean).join(' · ')
    group.append(shape('text', { class: 'faint', x: 13, y: 37 }, short(below, 26)))
    svg.append(group)
  }))
  const picture = element('div', '', 'picture')
  picture.append(svg)
  graph.append(picture)
  const here = svg.querySelector('.here')
  if (here) picture.scrollLeft = here.getBoundingClientRect().left - picture.getBoundingClientRect().left - (picture.clientWidth - WIDE) / 2
}

// Without a choice: what all else draws on.
function show(at) {
  chosen = at
  for (const button of list.querySelectorAll('[aria-pressed=true]')) button.setAttribute('aria-pressed', false)
  list.querySelector(`[data-at="${at}"]`)?.setAttribute('aria-pressed', true)
  graph.replaceChildren()
  graph.scrollTop = 0
  // On a narrow screen it is above the list.
  if (at >= 0) graph.scrollIntoView({ block: 'nearest' })
  if (at < 0) {
    const first = [...below.keys()].filter(one => !above.has(one)).sort((a, b) => below.get(b).length - below.get(a).length)
    graph.append(element('h2', 'What profiles draw on'))
    const kept = first.slice(0, MOST)
    if (kept.length) draw([kept], [])
    if (first.length > MOST) graph.append(element('p', `and ${first.length - MOST} more`))
    graph.append(element('p', first.length ? 'Choose one, or a profile from the list, to see who becomes whom.' : 'No profile draws on another one, or on a session.'))
    return
  }
  graph.append(element('h2', nodes[at][NAME]))
  const steps = way(at), words = element('ol', '', 'way')
  for (const step of steps) {
    const by = step === steps[0] ? '' : ' as ' + (through(step) || nodes[step][WORDS] || 'itself')
    const item = element('li', [nodes[step][NAME], by, nodes[step][ACCOUNT] && ' in ' + nodes[step][ACCOUNT],
      nodes[step][KIND] === 'profile' ? '' : ' (' + KINDS[nodes[step][KIND]] + ')'].filter(Boolean).join(''))
    if (nodes[step][PROBLEM]) item.append(element('small', '! ' + nodes[step][PROBLEM], 'bad'))
    words.append(item)
  }
  graph.append(words)
  const children = (below.get(at) ?? []).filter(([to]) => !steps.includes(to))
  const columns = steps.map(step => [step])
  const joints = steps.slice(1).map((step, x) => [x, steps[x], step, through(step)])
  if (children.length) {
    columns.push(children.slice(0, MOST).map(([to]) => to))
    for (const [to, by] of children.slice(0, MOST)) joints.push([steps.length - 1, at, to, by])
  }
  draw(columns, joints)
  if (children.length > MOST) graph.append(element('p', `and ${children.length - MOST} more that draw on it: find them by "from ${nodes[at][NAME]}"`))
}

const chosenIn = event => event.target.closest('[data-at]')?.dataset.at
list.addEventListener('click', event => { const at = chosenIn(event); if (at) show(Number(at)) })
graph.addEventListener('click', event => { const at = chosenIn(event); if (at) show(Number(at)) })
graph.addEventListener('keydown', event => {
  const at = chosenIn(event)
  if (at && (event.key === 'Enter' || event.key === ' ')) { event.preventDefault(); show(Number(at)); graph.focus() }
})
search.addEventListener('input', find)
search.addEventListener('keydown', event => {
  if (event.key === 'Escape') { search.value = ''; find(); show(-1) }
  if (event.key === 'ArrowDown') { event.preventDefault(); list.querySelector('button')?.focus() }
  if (event.key === 'Enter') list.querySelector('button')?.click()
})
list.addEventListener('keydown', event => {
  const all = [...list.querySelectorAll('button')], step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (!step) return
  event.preventDefault()
  const next = all[all.indexOf(document.activeElement) + step]
  if (next) next.focus(); else if (step < 0) search.focus()
})
// Where awsx served it, its address leads nowhere any more.
if (location.protocol === 'http:') history.replaceState(null, '', '/')
find()
show(-1)
