// theme.mjs -- gives an element in a shadow tree the theme of the page.

/** Copy the page's `data-theme` to an element, now and at each change; return a function
 * that stops this. */
export function followTheme(element) {
  const places = [document.documentElement, document.body];
  const copy = () => {
    const said = places.find((place) => place.dataset.theme);
    if (said) element.dataset.theme = said.dataset.theme;
    else delete element.dataset.theme;
  };
  const observer = new MutationObserver(copy);
  for (const place of places) observer.observe(place, { attributeFilter: ["data-theme"] });
  copy();
  return () => observer.disconnect();
}
