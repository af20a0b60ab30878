/* biased.c -- the owner thread counts with plain accesses, the others atomically.
 *
 * Claim         CORRECT for counting by any thread.  It does not protect borrowed
 *               references and may free late: an object whose last reference another
 *               thread drops waits for its owner's quiescent point.  A merged object is
 *               never unique.
 * Follows       PEP 703; CPython 3.13 without a GIL: Include/object.h, Py_INCREF and
 *               Py_DECREF; Objects/object.c, _Py_DecRefShared,
 *               _Py_MergeZeroLocalRefcount, _Py_ExplicitMergeRefcount; Python/brc.c.  J.
 *               Choi, T. Shull, J. Torrellas, "Biased Reference Counting", PACT 2018.  No
 *               immortality.
 * State         ob_tid: the owner, 0 once merged; ob_refcnt: the owner's count;
 *               ob_ref_shared: the count of the others times four, plus two flag bits.
 * Steps         owner: incref 3, decref 3, plus 1 to 4 at zero.  Others: incref 2, decref
 *               3, or 5 and more if the object is queued.
 * Memory order  ob_refcnt is relaxed, since only the owner uses it.  A shared decrement
 *               releases, and the merge that frees acquires: the compare-and-swap does
 *               both.  The fast path at zero loads the shared word with acquire.  A
 *               relaxed load could free before another's last write (CPython PR 118111).
 * Invariant     ob_refcnt plus the shared count equals the references, plus one for each
 *               place in a queue, whenever no merge is in progress.
 * Differs       try_incref is enabled when an object is created, if the program uses it,
 *               and not by a later call (PyUnstable_EnableTryIncRef).  The word is the
 *               explorer's: 28 bits for the others' count, where CPython has 62.
 */
#define RR_BIASED(name) rr_biased_##name

#include "modes/biased_family.h"

RR_MODE_CARD(biased, .place = 6, .claim = RR_CORRECT,
    .title = "biased to the owner",
    .summary =
        "the owner, which made the object, counts plainly, other threads atomically",
    .incref_steps = 3, .decref_steps = 3,
    .layout = RR_LAYOUT_BIASED,
    .limits =
        "a borrowed reference; and an object whose last reference another thread "
        "drops waits for its owner",
    .source = "PEP 703; CPython 3.13 without a GIL: Objects/object.c, Python/brc.c");

RR_MODE_TABLE(biased, RR_BIASED_WORDS, .quiesce = rr_biased_quiesce,
              .leave = rr_biased_leave,
              .resurrect_end = rr_biased_resurrect_end);

#undef RR_BIASED
