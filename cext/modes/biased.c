/* biased.c -- the owner's thread counts plainly, the others atomically.
 *
 * Claim         CORRECT for counting, whoever counts.  Not against a borrowed reference,
 *               and not in time: what another thread drops last waits for its owner to
 *               come by.  A merged object is nobody's, so nobody may take it for unique.
 * Follows       PEP 703; CPython 3.13 without a GIL: Include/object.h, Py_INCREF and
 *               Py_DECREF; Objects/object.c, _Py_DecRefShared, _Py_MergeZeroLocalRefcount,
 *               _Py_ExplicitMergeRefcount; Python/brc.c.  J. Choi, T. Shull, J. Torrellas,
 *               "Biased Reference Counting", PACT 2018.  Immortality is left out; it is a
 *               mode of its own.
 * State         ob_tid: the owner, 0 once merged; ob_refcnt: the owner's count;
 *               ob_ref_shared: the others' count times four, and two bits.
 * Steps         owner: incref 3, decref 3, and 1 to 4 at zero.  Others: incref 2, decref 3
 *               or, where it goes to the queue, 5 or more.
 * Memory order  the owner's count is its own, so relaxed.  A decrement of the shared one
 *               releases, and the merge that frees acquires: a compare-and-swap is both.
 *               The quick end looks at the shared word with acquire: with a relaxed load it
 *               could free while another's last write is in flight (CPython PR 118111).
 * Invariant     ob_refcnt plus the shared count equals the references, one more for each
 *               place in a queue, whenever no merge is under way.
 * Differs       tries are enabled when an object is made, if the program has any, and not
 *               by a call later (PyUnstable_EnableTryIncRef): so none fails for want of it.
 *               A word is the explorer's: 28 bits for the others' count where CPython has
 *               62.
 */
#define RR_BIASED(name) rr_biased_##name

#include "modes/biased_family.h"

RR_MODE_TABLE(biased, RR_BIASED_WORDS, .quiesce = rr_biased_quiesce,
              .leave = rr_biased_leave);

#undef RR_BIASED
