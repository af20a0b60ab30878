/* layouts.h -- what several modes hold alike, in the words of modes.def. */
#ifndef RR_LAYOUTS_H
#define RR_LAYOUTS_H

#define RR_LAYOUT_COUNT "ob_refcnt: count = the references"

#define RR_LAYOUT_BIASED                                                                \
    "ob_tid: owner = the number of the thread that made it, 0 once it is nobody's; "    \
    "ob_refcnt: local = the owner's references; "                                       \
    "ob_ref_shared: shared rest = what others took, less what they dropped "            \
    "| state 2 = 1 may be tried, 2 queued, 3 merged; "                                  \
    "queue_of: link = the thread in whose queue it waits; "                             \
    "queued_before: link = what was put there before it; "                              \
    "thread.queue: link = what waits for that thread, put there last; "                 \
    "thread.lock: lock = held to touch that queue"

#define RR_LAYOUT_BIASED_ASLEEP                                                         \
    RR_LAYOUT_BIASED                                                                    \
    "; thread.attachment: state = 0 attached, 1 detached, 2 suspended"

/* After the mode's own words: how to come by the words of each thread. */
#define RR_LAYOUT_LANES                                                                 \
    "lanes: link = the words that threads have for it; "                                \
    "with_lanes_before: link = the object that was made before, for a collapse; "

#define RR_LAYOUT_EPOCH                                                                 \
    "ob_refcnt: count = the references, and the decrements that are put off; "          \
    RR_LAYOUT_LANES                                                                     \
    "lane[4]: put-off = decrements that a thread put off, a word for each epoch; "      \
    "thread.announced: epoch = the last it has seen, plus 1, or 0 where offline; "     \
    "domain.epoch: epoch = 0 to 3, and round again"

#endif
