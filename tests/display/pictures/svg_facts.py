"""What a picture says, read back from its SVG."""

from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"


def tree(svg):
    return ElementTree.fromstring(svg)


def texts(svg):
    """Return the visible texts."""
    return ["".join(node.itertext()) for node in tree(svg).iter(f"{SVG}text")]


def description(svg):
    return tree(svg).find(f"{SVG}desc").text


def roles(svg, kind):
    """Yield the fill and the stroke roles of all elements of a kind."""
    for node in tree(svg).iter(f"{SVG}{kind}"):
        named = node.get("class", "").split()
        fills = [role[2:] for role in named if role.startswith("f-")]
        strokes = [role[2:] for role in named if role.startswith("s-")]
        yield fills, strokes
