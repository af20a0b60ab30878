"""Write docs/modes.md: every refcount mode, with the results of `refrace.prove`.

There is one under sequential consistency and one under C11.  The package records the
same proofs; a mode's card shows them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Literal

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
NOT_RECORDED = "not recorded"

COSTS_BEGIN = "<!-- Costs: written by `make costs`. -->"
COSTS_END = "<!-- End of costs. -->"

Memory = Literal["sc", "c11"]
MEMORIES: tuple[Memory, ...] = ("sc", "c11")
Prove = Callable[[refrace.Mode, Memory], refrace.Proof]


def prove(mode: refrace.Mode, memory: Memory) -> refrace.Proof:
    """Check a mode against every small program."""
    return refrace.prove(mode, EFFORT, memory=memory)


def page(prove: Prove = prove, modes: Sequence[refrace.Mode] | None = None) -> str:
    """Return the text of the page, by default for all modes."""
    modes = refrace.modes() if modes is None else modes
    proofs = {mode.name: prove(mode, "sc") for mode in modes}
    c11_proofs = {mode.name: prove(mode, "c11") for mode in modes}
    correct = sum(mode.claim == "correct" for mode in modes)
    lines = [
        "# The refcount modes",
        "",
        WRITTEN,
        "",
        f"This page lists {len(modes)} ways to count references. {correct} claim to be "
        f"correct. The other {len(modes) - correct} are broken on purpose, and most of "
        "them reproduce a bug of a real program. Each mode is checked against its "
        "claim: refrace explores every schedule of every small program. The results "
        "were computed when this page was generated; `refrace prove MODE` computes "
        "them again. The cost of a mode depends on the machine: see `refrace compare`.",
        "",
        "| mode | claim | title | every schedule of every small program | under C11 |",
        "|---|---|---|---|---|",
        *(
            f"| [`{mode.name}`](#{mode.name}) | {mode.claim} | {mode.title} "
            f"| {verdict(proofs[mode.name])} | {c11_verdict(c11_proofs[mode.name])} |"
            for mode in modes
        ),
        "",
        "A small program uses `incref`, `decref`, `use`, `unique`, `try_incref`, "
        "`upgrade` of a slot and clearing the slot, on one object; each thread drops "
        "every reference that it takes. Scenarios add what a scheme must do besides "
        "counting: the end of a thread, a detached owner, hand-overs, quiescent "
        "points, owned fields and a finaliser that counts. If the count is one word, "
        "a finaliser resurrects its object; if the mode claims to support it, a "
        "thread increments a pointer that it only read. *Proved* says nothing about "
        "larger programs or other steps. In the fourth column and in a mode's "
        "bound, steps are sequentially consistent, which says nothing about memory "
        "orders. *Under C11* is the result of `refrace prove MODE --memory c11`, where "
        "a load may see an old write, and unordered accesses are findings; see "
        "[memory orders](explanation/weak-memory.md). A *witness* is the first "
        "program that fails in the mode and not in `atomic`, or that only this mode "
        "claims to support, with the fewest threads and then the fewest counting "
        "steps. *Steps* are the memory steps of "
        "an operation that does not wait. *Memory per object* is what the scheme "
        "keeps in refrace's layout: words of 8 bytes, two of them links where objects "
        "wait in queues, and locks, which are the system's mutexes. It excludes "
        "padding and what all objects share. Other implementations use other layouts: "
        "CPython's whole header, with type and flags, is 16 bytes with a GIL and 32 "
        "bytes, biased, without one (`object.__basicsize__`, 3.11 and 3.13t).",
    ]
    lines += ["", *costs()]
    for mode in modes:
        lines += ["", *about(mode, proofs[mode.name], c11_proofs[mode.name])]
    return "\n".join(lines) + "\n"


def costs() -> list[str]:
    """Return the section on costs, with the table that the page has now."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    table = re.search(f"{COSTS_BEGIN}.*{COSTS_END}", page, flags=re.DOTALL)
    return [
        "## What a mode costs",
        "",
        f"{COSTS_BEGIN}\n{COSTS_END}" if table is None else table.group(),
        "",
        "The figures are the cost of one operation, as a multiple of `unlocked` on one "
        "thread in the same round; medians. `refrace compare` measures your machine, "
        "and `--plot costs.html` draws the figures. A mode that is not in the table "
        "was not recorded.",
        "",
        "With `global_lock` and `gil`, threads wait for each other even if they share "
        "no object. What `biased`, `per_thread`, `deferred` and `epoch` save there, "
        "they pay in delay: objects outlive their last reference. A race and a "
        "comparison report how many objects were freed late, and by how much at least.",
        "",
        "`add_then_undo`, `free_by_second_load`, `temporary_count` and "
        "`free_inside_lock` are correct modes with one mistake each; this benchmark "
        "does not trigger the bug. `mixed_width` pays for a compare-and-swap that C "
        "needs where CPython wrote half a word.",
        "",
        "In `biased` and `sign_split` an object has an owner. `refrace compare` "
        "measures one thread on its own objects and on objects of another thread; "
        "`refrace race biased --owner elsewhere` races on the latter.",
        "",
        "A detached thread (`with thing.detached():`; in a program `detach` and "
        "`attach`) does not count. In `biased`, an object whose last reference another "
        "thread drops waits until its detached owner is back; if the owner waits for "
        "just that object, `refrace explore` finds the deadlock. In `biased_suspend` "
        "the thread that drops the reference suspends the owner, merges both counts "
        "and frees the object; `biased_unsuspended` shows why it must suspend it.",
    ]


def about(
    mode: refrace.Mode, proof: refrace.Proof, c11_proof: refrace.Proof
) -> list[str]:
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
        "",
        *c11_status(c11_proof),
    ]


def bits(field: refrace.BitField) -> str:
    """Return the bits of a field in brackets; "" for a lock or a link."""
    if field.bits is None:
        return ""
    return f" (bit {field.place})" if field.bits == 1 else f" (bits {field.place})"


def verdict(proof: refrace.Proof) -> str:
    """Return the result of a proof in a few words."""
    if proof.witness is not None:
        kinds = ", ".join(str(finding.kind) for finding in proof.findings)
        return f"witness: {kinds}, {size(proof)}"
    return "proved" if proof.proved else f"unfinished: {proof.limit}"


def status(proof: refrace.Proof) -> list[str]:
    """Return the result of a proof with its numbers, or its witness as a program."""
    looked_at = f"{counted(proof.programs, 'program')}, {proof.states:,} states"
    if proof.witness is None:
        if not proof.proved:
            return [
                f"Unfinished ({proof.limit}) after {looked_at}: this proves nothing."
            ]
        return [f"Proved: no schedule has a finding ({looked_at})."]
    trace = proof.witness
    (finding,) = proof.findings
    kind = "smallest witness"
    if proof.scenario is not None:
        kind = f"witness ({proof.scenario})"
    return [
        f"Broken: {finding.kind}. The {kind} has {size(proof)}, and "
        f"fails with {counted(trace.preemptions, 'preemption')} in "
        f"{counted(len(trace.steps), 'memory step')} (found after {looked_at}):",
        "",
        "```race",
        str(trace.program).strip("\n"),
        "```",
        "",
        f"{finding.message}.",
    ]


def c11_verdict(proof: refrace.Proof) -> str:
    """Return the result of a proof under C11 in a few words."""
    return verdict(proof) if is_recorded(proof) else NOT_RECORDED


def c11_status(proof: refrace.Proof) -> list[str]:
    """Return the result of a proof under C11 with its numbers."""
    if not is_recorded(proof):
        return [f"Under C11: {NOT_RECORDED}."]
    looked_at = f"{counted(proof.programs, 'program')}, {proof.states:,} states"
    if proof.witness is None:
        return [f"Under C11: proved ({looked_at})."]
    (finding,) = proof.findings
    where = "" if proof.scenario is None else f" ({proof.scenario})"
    return [
        f"Under C11: broken: {finding.kind}, in a program{where} with {size(proof)} "
        f"(found after {looked_at}): {finding.message}."
    ]


def is_recorded(proof: refrace.Proof) -> bool:
    """Return whether the record has a proof: under C11, only if it was finished."""
    return proof.memory == "sc" or proof.limit is None


def bound(proof: refrace.Proof) -> str:
    """Return the largest size of the programs, in words."""
    return "; ".join(
        f"{part.threads} threads with up to {part.steps} counting steps in total "
        f"({part.programs:,} programs)"
        for part in proof.parts
    )


def left_out(proof: refrace.Proof) -> list[str]:
    """Return the scenarios that a mode is not checked against, grouped by reason."""
    names: dict[str, list[str]] = {}
    for one in proof.left_out:
        names.setdefault(one.why, []).append(f"“{one.name}”")
    return [f"* *Not checked against* {'; '.join(names[why])}: {why}." for why in names]


def size(proof: refrace.Proof) -> str:
    """Return the size of a witness: threads, and counting steps if of the corpus."""
    assert proof.witness is not None
    threads = len(proof.witness.program.threads)
    steps = counting_steps(proof)
    if steps is None:
        return f"{threads} threads"
    return f"{threads} threads and {counted(steps, 'counting step')}"


def counting_steps(proof: refrace.Proof) -> int | None:
    """Return a witness's counting steps; None for a scenario or without a witness."""
    if proof.witness is None or proof.scenario is not None:
        return None
    program = proof.witness.program
    threads = len(program.threads)
    for steps in range(threads, 10):
        texts = corpus(threads, steps, proof.memory)
        if any(str(refrace.Program.parse(text)) == str(program) for text in texts):
            return steps
    return None


def record(proof: refrace.Proof) -> RecordedProof:
    """Return the record of a proof that the package keeps."""
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
        memory=proof.memory,
    )


def records(prove: Prove = prove, modes: Sequence[refrace.Mode] | None = None) -> str:
    """Return the records of the proofs of modes as text, by default of all."""
    modes = refrace.modes() if modes is None else modes
    proofs = [prove(mode, memory) for memory in MEMORIES for mode in modes]
    return proofs_text([record(proof) for proof in proofs if is_recorded(proof)])


def counted(number: int, noun: str) -> str:
    """Return a number and its noun."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def main() -> None:
    """Write the page and the record; print the result for each mode once proved."""
    with ProcessPoolExecutor() as executor:

        @cache
        def reported(mode: refrace.Mode, memory: Memory) -> refrace.Proof:
            proof = refrace.prove(mode, EFFORT, memory=memory, executor=executor)
            print(proof.answer, file=sys.stderr)
            return proof

        PAGE.write_text(page(reported), encoding="utf-8")
        PROOFS_FILE.write_text(records(reported), encoding="utf-8")


if __name__ == "__main__":
    main()
