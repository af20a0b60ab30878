"""The Pygments lexer of race programs, for terminals, notebooks and documentation."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any, ClassVar

from pygments.lexer import (
    RegexLexer,
    bygroups,
    default,
    include,
    this,
    using,
    words,
)
from pygments.token import (
    Comment,
    Keyword,
    Name,
    Number,
    Operator,
    Punctuation,
    Whitespace,
)

from refrace.display.pictures.theme import page_style
from refrace.programs.vocabulary import (
    ARGUMENT,
    COMPARISONS,
    CONTROL_WORDS,
    DECLARATION_WORDS,
    LOGICAL_WORDS,
    NAME,
    OBJECT_OPTIONS,
    OBJECT_WORDS,
    RESERVED,
    SELF,
    SOFT_DECLARATION_WORDS,
    WORD_OPERATIONS,
)

__all__ = ["RaceLexer", "coloured", "highlighted_html"]


def _any(of: Any) -> Any:
    return words(sorted(of), suffix=r"\b")


# Also names, so only where another name follows.
_SOFT_DECLARATION = rf"(?:{'|'.join(sorted(SOFT_DECLARATION_WORDS))})(?=\s+{NAME})"


class RaceLexer(RegexLexer):
    """Highlights race programs; Pygments finds it by the names `refrace` and `race`.

    Examples
    --------
    >>> from pygments.lexers import get_lexer_by_name
    >>> get_lexer_by_name("refrace").name
    'Race program'
    """

    name = "Race program"
    aliases: ClassVar = ["refrace", "race"]
    filenames: ClassVar = ["*.race"]
    mimetypes: ClassVar = ["text/x-refrace"]
    url = "https://github.com/refrace/refrace/blob/main/docs/language.md"

    tokens: ClassVar = {
        # Both are at the beginning of a statement.  `lock L` is a declaration before
        # the first thread and after another declaration, and a step elsewhere.
        "root": [
            include("blank"),
            include("header"),
            (_any(DECLARATION_WORDS - OBJECT_WORDS), Keyword.Declaration, "statement"),
            (_SOFT_DECLARATION, Keyword.Declaration, "statement"),
            include("other"),
        ],
        "section": [
            include("blank"),
            include("header"),
            (
                _any(DECLARATION_WORDS - OBJECT_WORDS - WORD_OPERATIONS),
                Keyword.Declaration,
                ("#pop", "statement"),
            ),
            (_SOFT_DECLARATION, Keyword.Declaration, ("#pop", "statement")),
            include("other"),
        ],
        "header": [
            (
                rf"(fn)(\s+)({NAME})((?:[^\S\n]+{NAME})*)(\s*)(:)(?!=)",
                bygroups(
                    Keyword,
                    Whitespace,
                    Name.Function,
                    using(this, state="parameters"),
                    Whitespace,
                    Punctuation,
                ),
                "section",
            ),
            (
                r"(end)(\s*)(:)(?!=)",
                bygroups(Keyword, Whitespace, Punctuation),
                "section",
            ),
            (
                rf"({NAME})(\s*)(:)(?!=)",
                bygroups(Name.Label, Whitespace, Punctuation),
                "section",
            ),
        ],
        "parameters": [(r"\s+", Whitespace), (NAME, Name.Variable)],
        "other": [
            (r"[;{}]", Punctuation),
            (_any(OBJECT_WORDS), Keyword.Declaration, "object"),
            (_any(CONTROL_WORDS), Keyword, "statement"),
            default("statement"),
        ],
        "blank": [(r"#[^\n]*", Comment.Single), (r"\s+", Whitespace)],
        "over": [
            (r"\n", Whitespace, "#pop"),
            (r"(?=[;{}])", Whitespace, "#pop"),
            (r"#[^\n]*", Comment.Single),
            (r"[^\S\n]+", Whitespace),
        ],
        "statement": [
            include("over"),
            (_any(WORD_OPERATIONS - CONTROL_WORDS), Name.Builtin),
            (_any(LOGICAL_WORDS), Operator.Word),
            include("values"),
        ],
        # Options are words only here: elsewhere they are names, or operations (`rc`).
        "object": [
            include("over"),
            (_any(OBJECT_OPTIONS), Keyword.Declaration),
            include("values"),
        ],
        "values": [
            (r"null\b", Keyword.Constant),
            (_any((ARGUMENT, SELF)), Name.Builtin.Pseudo),
            (rf"(\.)(\s*)({NAME})", bygroups(Punctuation, Whitespace, Name.Attribute)),
            (r"[0-9]+", Number.Integer),
            (_any(RESERVED), Keyword),  # in a wrong place, but no name
            (NAME, Name.Variable),
            (words(COMPARISONS), Operator),
            (r"[-+=]", Operator),
            (r"[\[\](),.]", Punctuation),
        ],
    }


# The role of `display.pictures.theme` for each kind of word; names have none.
_ROLES = {
    Comment: "soft",
    Keyword: "t2",
    Keyword.Constant: "t3",
    Name.Builtin: "t1",
    Name.Builtin.Pseudo: "t3",
    Name.Function: "t4",
    Name.Label: "t4",
    Number: "t3",
    Operator.Word: "t2",
}


def coloured(text: str) -> Iterator[tuple[str, str]]:
    """Yield the words and spaces of a program, each with its role; "" for none."""
    for kind, word in RaceLexer(ensurenl=False, stripnl=False).get_tokens(text):
        while kind not in _ROLES and kind.parent is not None:
            kind = kind.parent
        yield word, _ROLES.get(kind, "")


def highlighted_html(text: str) -> str:
    """Return a program as a ``<pre>`` with coloured words, for both themes."""
    words = (
        f'<span style="color:var(--rf-{role})">{escape(word)}</span>'
        if role
        else escape(word)
        for word, role in coloured(text)
    )
    return (
        f"<style>{page_style()}</style>"
        f'<pre class="rf" style="line-height:1.35">{"".join(words)}</pre>'
    )
