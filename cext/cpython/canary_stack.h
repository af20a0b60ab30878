/* canary_stack.h -- the Python calls of this thread, as text. */
#ifndef RR_CPYTHON_CANARY_STACK_H
#define RR_CPYTHON_CANARY_STACK_H

/* Sets `*text` to the calls, innermost first, if it is NULL; PyMem_RawFree releases it.
 * It stays NULL if there are no calls or no memory.  An exception that is set remains.
 * pre: the thread is attached. */
void rr_stack_note(char *_Atomic *text);

#endif
