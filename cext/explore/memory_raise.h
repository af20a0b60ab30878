/* memory_raise.h -- views of messages and locks in their form; for memory_form.c only. */
#ifndef RR_MEMORY_RAISE_H
#define RR_MEMORY_RAISE_H

#include "explore/memory_known.h"

/* Joins what all threads know that may still take over a view to it; nothing if none may. */
void rr_raise_views(rr_form *f);

#endif
