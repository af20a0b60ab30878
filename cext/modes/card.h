/* card.h -- what users read about a mode; the head of a mode's file fills it in.
 *
 *   RR_MODE_CARD(id, .field = value, ...);
 *
 * `id` is a C identifier, the name of the file and the public name, as in
 * refrace.race("unlocked").  The fields:
 *
 *   place         where the mode stands in the list of all modes, from 1; without it, the
 *                 mode comes after those that have one, in the order of the names.  The
 *                 build reads it, so it is on the first line, right after the id
 *   claim         RR_CORRECT or RR_BROKEN; the tests check the mode against it
 *   title         the mode in a few words
 *   summary       how it counts, in one sentence
 *   incref_steps, decref_steps
 *                 memory steps of one operation that does not wait, as the explorer sees
 *                 them
 *   layout        the words that the mode keeps for an object, in a grammar that
 *                 refrace.bit_layout reads: words separated by "; ", each "name: fields";
 *                 fields from high to low, separated by " | ", each "name bits =
 *                 meaning"; `rest` takes the bits that the others leave, and a field that
 *                 is the whole word has no bits; a name with "?" is a flag, shown only
 *                 where it is not 0.  A meaning "0 this, 1 that" names values.  Layouts
 *                 that several modes share are in layouts.h
 *   limits        what the mode does not protect against
 *   source        where the algorithm comes from
 */
#ifndef RR_CARD_H
#define RR_CARD_H

typedef enum rr_claim { RR_BROKEN, RR_CORRECT } rr_claim;

typedef struct rr_mode_card {
    const char *name;
    int place;
    rr_claim claim;
    const char *title;
    const char *summary;
    int incref_steps, decref_steps;
    const char *layout;
    const char *limits;
    const char *source;
} rr_mode_card;

/* The file of a mode is compiled several times; one of these builds keeps the card. */
#if defined RC_NATIVE && !defined RC_WIDENED && !defined RR_FINDS_ANEW
#include "modes/layouts.h"
#define RR_MODE_CARD(id, ...)                                                           \
    extern const rr_mode_card rr_mode_card_##id;                                        \
    const rr_mode_card rr_mode_card_##id = {.name = #id, __VA_ARGS__}
#else
#define RR_MODE_CARD(id, ...) struct rr_mode_card_of_##id
#endif

#endif
