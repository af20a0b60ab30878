/* natives.h -- native objects, one for each object of a program, and their mode. */
#ifndef RR_NATIVES_H
#define RR_NATIVES_H

#include <stdbool.h>
#include <stdint.h>

typedef struct rr_natives rr_natives;
struct rr_words; /* modes/mode.h */

/* What an operation gave, and whether the object's life ended in it. */
typedef struct rr_native_answer {
    int64_t value;
    bool ended_life;
} rr_native_answer;

int rr_natives_open(int mode, int n_objects, rr_natives **out);
void rr_natives_close(rr_natives *natives);

/* What an object's cells hold.  pre for setting: no thread is at the object. */
void rr_natives_set(rr_natives *natives, int object, const struct rr_words *words);
void rr_natives_read(rr_natives *natives, int object, struct rr_words *out);

/* Run the mode's own code for a counting operation (an rr_op).  Any number of threads
 * may, at the same object too.  Memory is never given back, whatever becomes of the
 * count. */
rr_native_answer rr_natives_run(rr_natives *natives, int object, int op, int64_t a,
                                int64_t b);

#endif
