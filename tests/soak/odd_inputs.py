"""Files that no person writes on purpose, by name: programs, stored results, tokens."""

from __future__ import annotations

import refrace

PROGRAM = "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x\n"


def _texts() -> dict[str, bytes]:
    program = PROGRAM.encode()
    return {
        "empty": b"",
        "white space": b"   \n\n",
        "null bytes": b"\0" * 100,
        "null byte in a word": program.replace(b"decref", b"dec\0ref"),
        "byte order mark": b"\xef\xbb\xbf" + program,
        "utf-16": PROGRAM.encode("utf-16"),
        "utf-32": PROGRAM.encode("utf-32"),
        "latin-1": "T1: x = é".encode("latin-1"),
        "crlf": program.replace(b"\n", b"\r\n"),
        "cr": program.replace(b"\n", b"\r"),
        "form feed": program.replace(b"\n", b"\x0c"),
        "next line": PROGRAM.replace("\n", "\x85").encode(),
        "line separator": PROGRAM.replace("\n", "\u2028").encode(),
        "right to left": "T1: x\u202e = 1".encode(),
        "joiner": "T1: x\u200d = 1".encode(),
        "emoji": "T1: \U0001f600 = 1".encode(),
        "combining mark": "T1: e\u0301 = 1".encode(),
        "surrogate": b"T1: \xed\xa0\x80 = 1",
        "tabs": program.replace(b" ", b"\t"),
        "no-break spaces": PROGRAM.replace(" ", "\u00a0").encode(),
        "escape sequence": b"\x1b[31mT1: gil",
        "bell": b"T1: \x07",
        "digits of another script": "T1: x = \u0661".encode(),
        "hexadecimal": b"T1: x = 0x10",
        "float": b"T1: x = 1.5",
        "recursion": b"T1: call f\nfn f: call f",
        "executable": b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 100,
        "picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100,
        "noise": bytes(i * 7919 % 256 for i in range(100_000)),
    }


def _large() -> dict[str, bytes]:
    calls = "".join(f"fn f{i}: call f{i + 1}\n" for i in range(2000))
    return {
        "long line": b"T1: " + b"gil ; " * 20_000,
        "long name": b"T1: " + b"x" * 200_000 + b" = 1",
        "long number": b"T1: x = " + b"9" * 200_000,
        "deep blocks": b"T1: " + b"if 1 == 1 { " * 20_000,
        "closing braces": b"T1: " + b"}" * 20_000,
        "parentheses": b"T1: x = " + b"(" * 20_000,
        "semicolons": b";" * 200_000,
        "colons": b":" * 20_000,
        "many threads": "".join(f"T{i}: gil\n" for i in range(5000)).encode(),
        "many sub-programs": (
            "T1: gil\n" + "".join(f"fn f{i}: gil\n" for i in range(5000))
        ).encode(),
        "chain of calls": f"T1: call f0\n{calls}fn f2000: gil\n".encode(),
    }


def _json() -> dict[str, bytes]:
    exploration = refrace.explore(PROGRAM, "unlocked")
    trace = exploration.traces[0]
    text = trace.to_json()
    one = '"preemptions": 1'
    assert one in text
    numbers = ("NaN", "1e999", "1.0", "9" * 5000, "-1", "true", "null", '"1"', "[]")
    changed = {
        "twice a key": text.replace('"mode":', '"mode": "atomic", "mode":', 1),
        "twice the version": text.replace('"version"', '"version": 1, "version"', 1),
        "deep inside": text.replace('"schedule": [', '"schedule": [' + "[" * 50_000, 1),
        "lone surrogate": text.replace('"unlocked"', '"\\ud800"'),
        "null in a string": text.replace('"unlocked"', '"a\\u0000b"'),
        "cut off": text[: len(text) // 2],
        "something behind": text + "x",
        "list": "[]",
        "number": "1",
        "not a number": "NaN",
        "deep list": "[" * 100_000,
        "deep object": '{"a":' * 100_000,
        "large number": "1" * 100_000,
        "an exploration": exploration.to_json(),
        "token": trace.token,
        "token with a newline": trace.token + "\n",
        "token cut off": trace.token[:20],
        "token in capitals": trace.token.upper(),
    }
    found = {name: value.encode() for name, value in changed.items()}
    found |= {
        f"number {n[:9]}": text.replace(one, one[:-1] + n).encode() for n in numbers
    }
    return found | {"trace": text.encode(), "trace in utf-16": text.encode("utf-16")}


def odd_inputs() -> dict[str, bytes]:
    """Return all of them."""
    return _texts() | _large() | _json()
