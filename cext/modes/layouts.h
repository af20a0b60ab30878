/* layouts.h -- layouts that several modes share, in the grammar of card.h. */
#ifndef RR_LAYOUTS_H
#define RR_LAYOUTS_H

#define RR_LAYOUT_COUNT "ob_refcnt: count = the number of references"

#define RR_LAYOUT_BIASED                                                                \
    "ob_tid: owner = the number of the owning thread, or 0 if there is no owner; "      \
    "ob_refcnt: local = the references that the owner counts; "                         \
    "ob_ref_shared: shared rest = increments minus decrements of the other threads "    \
    "| state 2 = 1 allows try_incref, 2 queued, 3 merged; "                                  \
    "queue_of: link = the thread whose queue holds the object; "                        \
    "queued_before: link = the object that was queued before this one; "                \
    "thread.queue: link = the object that was queued last for this thread; "            \
    "thread.lock: lock = held while that queue is accessed"

#define RR_LAYOUT_BIASED_DETACHED                                                         \
    RR_LAYOUT_BIASED                                                                    \
    "; thread.attachment: state = 0 attached, 1 detached, 2 suspended"

/* After the words of the mode itself: how to find the words of each thread. */
#define RR_LAYOUT_LANES                                                                 \
    "lanes: link = the words of each thread for this object; "                          \
    "with_lanes_before: link = the next object that a collapse visits; "

#define RR_LAYOUT_EPOCH                                                                 \
    "ob_refcnt: count = the number of references, plus the deferred decrements; "       \
    RR_LAYOUT_LANES                                                                     \
    "lane[4]: put-off = the decrements that a thread deferred, one word per epoch; "    \
    "thread.announced: epoch = the last epoch seen, plus 1, or 0 if offline; "          \
    "domain.epoch: epoch = the global epoch, 0 to 3, then 0 again"

#endif
