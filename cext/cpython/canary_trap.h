/* canary_trap.h -- pages that become inaccessible, and the handler of the faults.
 *
 * A trapped canary has a page of its own.  When it dies, the page becomes inaccessible.
 * A guarded one has one too, which is inaccessible while the canary lives.
 * The first access of any kind is a fault: the handler notes the instruction, makes the
 * page accessible, and the instruction runs again.  Faults at other addresses go to the
 * handler that was there before.
 */
#ifndef RR_CPYTHON_CANARY_TRAP_H
#define RR_CPYTHON_CANARY_TRAP_H

#include "cpython/canary.h"

/* Reserves address space for the pages.  false: there is none. */
bool rr_trap_open(void);

/* An accessible page for a canary, or NULL: all are in use.
 * pre (this and release): one thread at a time. */
char *rr_trap_take_page(rr_canary *owner);
void rr_trap_release_page(rr_canary *owner);

/* The canary whose page has this address, or NULL. */
rr_canary *rr_trap_owner(const void *address);

/* Makes the page of a dead canary inaccessible; if the system refuses, it stays open. */
void rr_trap_protect(rr_canary *canary);

/* Whether a fault is that of a thread which enters a module that is stepped, and may go on
 * now.  The context is that of the signal. */
bool rr_steps_fault(const void *address, void *context);

#endif
