/* memory_form.h -- one form for all memories under C11 that behave alike.
 *
 * What no thread can observe any more is removed: old messages that nobody may read,
 * views of threads and locks that matter no longer, and what everybody knows.  No two
 * branches of a state are merged, so runs are neither lost nor counted twice.
 */
#ifndef RR_MEMORY_FORM_H
#define RR_MEMORY_FORM_H

#include "machine/machine.h"

/* Brings the memory of m's state into its form.  False: a location needs more messages
 * than it may have. */
bool rr_normalise_memory(rr_machine *m);

#endif
