"""Write docs/modes.md: every refcount mode, with what `refrace.prove` says of it.

The same proofs go to the package, where the card of a mode tells them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import refrace
from refrace.catalogue.recorded_proofs import (
    PROOFS_FILE,
    RecordedProof,
    proofs_text,
)
from refrace.display.bit_fields import drawn_text
from refrace.explorer.corpus import corpus

PAGE = Path(__file__).parent / "modes.md"
WRITTEN = "<!-- Written by docs/make_modes.py; change the modes, not this page. -->"
EFFORT = "small"

Prove = Callable[[refrace.Mode], refrace.Proof]


def prove(mode: refrace.Mode) -> refrace.Proof:
    """Hold a mode to the small programs."""
    return refrace.prove(mode, EFFORT)


def page(prove: Prove = prove, modes: Sequence[refrace.Mode] | None = None) -> str:
    """Return the text of the page, about all modes if not said otherwise."""
    modes = refrace.modes() if modes is None else modes
    proofs = {mode.name: prove(mode) for mode in modes}
    correct = sum(mode.claim == "correct" for mode in modes)
    lines = [
        "# The refcount modes",
        "",
        WRITTEN,
        "",
        f"{len(modes)} ways to count references; {correct} claim to be correct, and "
        f"the other {len(modes) - correct} are wrong on purpose, most of them as real "
        "programs were. Each is held to its claim: every schedule of every small "
        "program is tried in it. What that found stands here as it was computed when "
        "this page was made, and `refrace prove MODE` computes it again. What a mode "
        "costs depends on the machine: `refrace compare`.",
        "",
        "| mode | claim | in a few words | every schedule of every small program |",
        "|---|---|---|---|",
        *(
            f"| [`{mode.name}`](#{mode.name}) | {mode.claim} | {mode.title} "
            f"| {verdict(proofs[mode.name])} |"
            for mode in modes
        ),
        "",
        "A small program is made of `incref`, `decref`, `use`, `unique`, `try_incref`, "
        "`upgrade` of a slot and clearing it, on one object, each thread giving back "
        "what it takes; with them go scenarios in which a scheme has to do more than "
        "count: a thread's end, a sleeping owner, hand-overs, quiescent points, owned "
        "fields, a finaliser that counts, and one that resurrects where the count "
        "is a word; and in modes that claim it, counting "
        "what was only read. *Proved* says nothing of larger "
        "programs, of other steps, and of memory orders: steps are sequentially "
        "consistent. A *witness* is the first program that goes wrong in the mode and "
        "not in `atomic`, or does what only that mode claims to be safe, of the fewest "
        "threads and then of the fewest counting steps. *Steps* are memory steps of an "
        "operation that need not wait. *Memory per object* is what the scheme keeps "
        "as refrace lays it out: words of 8 bytes, two of them links where objects "
        "wait in queues, and locks, which are the system's mutexes; neither room "
        "between words nor what all objects share. Others lay the same out otherwise: "
        "CPython's whole header, its type and flags included, is 16 bytes with a GIL "
        "and, biased, 32 without (`object.__basicsize__`, 3.11 and 3.13t).",
    ]
    for mode in modes:
        lines += ["", *about(mode, proofs[mode.name])]
    return "\n".join(lines) + "\n"


def about(mode: refrace.Mode, proof: refrace.Proof) -> list[str]:
    """Return the section of one mode."""
    steps = ", ".join(f"`{name}` {n}" for name, n in mode.steps.items())
    return [
        f"## {mode.name}",
        "",
        f"**{mode.title}**; claims to be **{mode.claim}**.",
        "",
        "```text",
        drawn_text(mode.words),
        "```",
        "",
        *(
            f"* `{word.label}`, {field.name}{bits(field)}: {field.meaning}."
            for word in mode.words
            for field in word.fields
        ),
        f"* *Counts:* {mode.summary}.",
        f"* *Memory per object:* {mode.memory.parts}.",
        f"* *Steps:* {steps}.",
        f"* *Does not protect against:* {mode.limits}.",
        f"* *Source:* {mode.source}.",
        "* *Algorithm, memory order and invariant:* "
        f"[cext/modes/{mode.name}.c](../cext/modes/{mode.name}.c).",
        f"* *Bound:* {bound(proof)}.",
        *left_out(proof),
        "",
        *status(proof),
    ]


def bits(field: refrace.BitField) -> str:
    """Return which bits a field is, in brackets; nothing of a lock or a link."""
    if field.bits is None:
        return ""
    return f" (bit {field.place})" if field.bits == 1 else f" (bits {field.place})"


def verdict(proof: refrace.Proof) -> str:
    """Return what a proof says, in a few words."""
    if proof.witness is not None:
        kinds = ", ".join(str(finding.kind) for finding in proof.findings)
        return f"witness: {kinds}, {size(proof)}"
    return "proved" if proof.proved else f"unfinished: {proof.limit}"


def status(proof: refrace.Proof) -> list[str]:
    """Return what a proof says, with its numbers, or its witness as a program."""
    looked_at = f"{counted(proof.programs, 'program')}, {proof.states:,} states"
    if proof.witness is None:
        if not proof.proved:
            return [
                f"Unfinished ({proof.limit}) after {looked_at}: this proves nothing."
            ]
        return [f"Proved: nothing goes wrong in any schedule ({looked_at})."]
    trace = proof.witness
    (finding,) = proof.findings
    kind = "smallest witness"
    if proof.scenario is not None:
        kind = f"witness ({proof.scenario})"
    return [
        f"Broken: {finding.kind}. The {kind} has {size(proof)}, and "
        f"goes wrong with {counted(trace.preemptions, 'preemption')} in "
        f"{counted(len(trace.steps), 'memory step')} (found after {looked_at}):",
        "",
        "```race",
        str(trace.program).strip("\n"),
        "```",
        "",
        f"{finding.message}.",
    ]


def bound(proof: refrace.Proof) -> str:
    """Return how large the programs get, in words."""
    return "; ".join(
        f"{part.threads} threads with up to {part.steps} counting steps in all "
        f"({part.programs:,} programs)"
        for part in proof.parts
    )


def left_out(proof: refrace.Proof) -> list[str]:
    """Return the scenarios to which a mode is not held, by the reason why."""
    names: dict[str, list[str]] = {}
    for one in proof.left_out:
        names.setdefault(one.why, []).append(f"“{one.name}”")
    return [f"* *Not held to* {'; '.join(names[why])}: {why}." for why in names]


def size(proof: refrace.Proof) -> str:
    """Return the threads of a witness, and its counting steps if of the corpus."""
    assert proof.witness is not None
    threads = len(proof.witness.program.threads)
    steps = counting_steps(proof)
    if steps is None:
        return f"{threads} threads"
    return f"{threads} threads and {counted(steps, 'counting step')}"


def counting_steps(proof: refrace.Proof) -> int | None:
    """Return how many steps of a witness count; None of a scenario, or without one."""
    if proof.witness is None or proof.scenario is not None:
        return None
    program = proof.witness.program
    threads = len(program.threads)
    for steps in range(threads, 10):
        texts = corpus(threads, steps)
        if any(str(refrace.Program.parse(text)) == str(program) for text in texts):
            return steps
    return None


def record(proof: refrace.Proof) -> RecordedProof:
    """Return what the package keeps of a proof."""
    witness = proof.witness
    return RecordedProof(
        mode=proof.mode,
        refrace=refrace.__version__,
        effort=proof.effort,
        proved=proof.proved,
        limit=proof.limit,
        programs=proof.programs,
        states=proof.states,
        kinds=tuple(str(finding.kind) for finding in proof.findings),
        threads=None if witness is None else len(witness.program.threads),
        steps=counting_steps(proof),
        scenario=proof.scenario,
    )


def records(prove: Prove = prove, modes: Sequence[refrace.Mode] | None = None) -> str:
    """Return what the package keeps of the proofs of modes, by default of all."""
    modes = refrace.modes() if modes is None else modes
    return proofs_text([record(prove(mode)) for mode in modes])


def counted(number: int, noun: str) -> str:
    """Return a number and its noun."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def main() -> None:
    """Write the page and the record; tell of each mode as it is proved."""

    @cache
    def told(mode: refrace.Mode) -> refrace.Proof:
        proof = prove(mode)
        print(proof.answer, file=sys.stderr)
        return proof

    PAGE.write_text(page(told), encoding="utf-8")
    PROOFS_FILE.write_text(records(told), encoding="utf-8")


if __name__ == "__main__":
    main()
