// Looks at a page as it is drawn and gives a list of what a reader with other senses, or a small window, would miss.
(() => {
  const faults = [];
  const say = (what, element) => faults.push(`${what}: ${element.outerHTML.slice(0, 120)}`);

  const levels = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map((one) => Number(one.tagName[1]));
  if (levels[0] !== 1 || levels.filter((one) => one === 1).length !== 1) faults.push(`headings begin with ${levels}`);
  levels.forEach((one, place) => { if (place && one > levels[place - 1] + 1) faults.push(`a heading level is left out: ${levels}`); });

  for (const name of ["header", "main", "footer"]) {
    if (document.querySelectorAll(`body > ${name}`).length !== 1) faults.push(`no single ${name}`);
  }
  if (!document.documentElement.lang) faults.push("no language");
  if (!document.title) faults.push("no title");
  for (const section of document.querySelectorAll("section")) {
    if (!document.getElementById(section.getAttribute("aria-labelledby"))?.textContent) say("a section without a name", section);
  }

  for (const drawing of document.querySelectorAll("svg")) {
    if (drawing.getAttribute("aria-hidden") === "true") {
      if (drawing.querySelector("text") && !drawing.parentElement.querySelector("svg[role=img]")) say("hidden text", drawing);
      continue;
    }
    const ids = (drawing.getAttribute("aria-labelledby") ?? "").split(" ");
    const named = ids.every((id) => document.getElementById(id)?.textContent);
    if (drawing.getAttribute("role") !== "img" || !named || !drawing.querySelector("title, desc")) say("a drawing without words", drawing);
    if (!drawing.closest("section")?.querySelector("table")) say("a drawing without a table", drawing);
  }
  for (const table of document.querySelectorAll("table")) {
    if (!table.caption?.textContent) say("a table without a caption", table);
    if (!table.querySelector("th[scope]")) say("a table without headers", table);
    const widths = new Set([...table.rows].map((row) => row.cells.length));
    if (widths.size !== 1) say("rows of different lengths", table);
  }
  for (const link of document.querySelectorAll("a")) if (!link.textContent.trim()) say("a link without words", link);
  for (const drawing of document.querySelectorAll("svg")) {
    const boxes = [...drawing.querySelectorAll("text")].map((one) => one.getBoundingClientRect());
    boxes.forEach((one, place) => {
      const next = boxes[place + 1];
      if (next && one.top < next.bottom && next.top < one.bottom && one.right + 2 > next.left && next.right + 2 > one.left) {
        say(`labels ${place} and ${place + 1} run into each other`, drawing);
      }
    });
  }
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  if (new Set(ids).size !== ids.length) faults.push("an id is used twice");

  const channels = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const light = (value) => { const part = value / 255; return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4; };
  const luminance = ([red, green, blue]) => 0.2126 * light(red) + 0.7152 * light(green) + 0.0722 * light(blue);
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const back = channels(getComputedStyle(one).backgroundColor);
      if (back.length === 3 || back[3] === 1) return back;
      if (back[3] > 0) say("a background that lets others through", one);
    }
    return [255, 255, 255];
  };
  let measured = 0;
  let lowest = 21;
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || element.closest(".unseen, title, desc")) continue;
    const style = getComputedStyle(element);
    const front = channels(element.namespaceURI.endsWith("svg") ? style.fill : style.color);
    const [one, other] = [luminance(front), luminance(behind(element))].sort((a, b) => b - a);
    const contrast = (one + 0.05) / (other + 0.05);
    measured += 1;
    lowest = Math.min(lowest, contrast);
    if (contrast < 4.5) say(`contrast ${contrast.toFixed(2)}`, element);
  }

  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) faults.push(`the page is ${root.scrollWidth} px wide in ${innerWidth} px`);
  for (const element of document.querySelectorAll("body *")) {
    const box = element.getBoundingClientRect();
    if (box.width && box.right > innerWidth + 1 && !element.closest(".unseen, thead")) say("beyond the window", element);
  }
  return {faults, measured, lowest};
})()
