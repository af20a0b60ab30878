// theme.mjs -- the theme that the page has, for what is in a shadow tree of the page.

/** Give an element the page's `data-theme`, now and whenever it changes; return the end. */
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
