// Runs in the page: which text stands on what, as red, green and blue, and by how much the page is wider than its window.
(() => {
  const rgb = (color) => (/rgba?\(([^)]*)\)/.exec(color)?.[1] ?? '0, 0, 0, 0').split(/[, /]+/).map(Number);
  const paper = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const color = rgb(getComputedStyle(each).backgroundColor);
      if ((color[3] ?? 1) > 0) return color;
    }
    return [255, 255, 255];
  };
  const inPicture = (text) => {
    const shape = text.parentElement.querySelector('polygon, path');
    const fill = shape ? getComputedStyle(shape).fill : 'none';
    return fill === 'none' ? paper(text) : rgb(fill);
  };
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    const text = node.textContent.trim();
    if (text === '') continue;
    const style = getComputedStyle(element);
    const isDrawn = element instanceof SVGElement;
    texts.push({ text, ink: rgb(isDrawn ? style.fill : style.color), paper: isDrawn ? inPicture(element) : paper(element) });
  }
  return { texts, wide: document.documentElement.scrollWidth - innerWidth, body: paper(document.body) };
})();
