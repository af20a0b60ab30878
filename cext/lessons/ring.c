/* ring.c -- two acquires, a meeting between them, and the releases. */
#include "lessons/ring.h"

#include <stdatomic.h>

#include "base/rr_alloc.h"
#include "base/rr_clock.h"
#include "base/rr_status.h"

struct rr_ring {
    rr_ring_config config;
    rr_lock_graph *graph;
    int64_t began_ns;
    /* Written by each thread when it ends; relaxed, since they guard nothing. */
    _Atomic int64_t ended_ns;
    _Atomic int n_finished;
};

int
rr_ring_open(const rr_ring_config *config, rr_ring **out)
{
    if (config->n_threads < 2 || config->timeout_ns < 0) {
        return RR_EINVAL;
    }
    rr_ring *ring = rr_alloc(1, sizeof *ring);
    if (ring == NULL) {
        return RR_ENOMEM;
    }
    ring->config = *config;
    ring->began_ns = rr_now_ns();
    atomic_init(&ring->ended_ns, ring->began_ns);
    int n_locks = config->global_lock ? 1 : config->n_threads;
    int status = rr_lock_graph_open(
        config->n_threads, n_locks, ring->began_ns + config->timeout_ns, &ring->graph);
    if (status != RR_OK) {
        rr_free(ring);
        return status;
    }
    *out = ring;
    return RR_OK;
}

void
rr_ring_close(rr_ring *ring)
{
    if (ring != NULL) {
        rr_lock_graph_close(ring->graph);
        rr_free(ring);
    }
}

static int
lock_of(const rr_ring *ring, int object)
{
    return ring->config.global_lock ? 0 : object;
}

static void
take_second(rr_ring *ring, int thread, int object)
{
    int lock = lock_of(ring, object);
    /* Refused if this wait would close the ring: then this thread is the victim, and
     * releases its first lock as if it had finished. */
    if (rr_lock_graph_acquire(ring->graph, thread, lock) == RR_LOCK_GRANTED) {
        atomic_fetch_add_explicit(&ring->n_finished, 1, memory_order_relaxed);
        rr_lock_graph_release(ring->graph, thread, lock);
    }
}

void
rr_ring_run(rr_ring *ring, int thread)
{
    int own = thread;
    int next = (thread + 1) % ring->config.n_threads;
    bool own_first = ring->config.order == RR_ORDER_OPPOSITE || own < next;
    int first = lock_of(ring, own_first ? own : next);

    if (rr_lock_graph_acquire(ring->graph, thread, first) == RR_LOCK_GRANTED) {
        if (rr_lock_graph_meet(ring->graph, thread)) {
            take_second(ring, thread, own_first ? next : own);
        }
        rr_lock_graph_release(ring->graph, thread, first);
    }
    atomic_store_explicit(&ring->ended_ns, rr_now_ns(), memory_order_relaxed);
}

void
rr_ring_stop(rr_ring *ring)
{
    rr_lock_graph_stop(ring->graph);
}

void
rr_ring_result_of(rr_ring *ring, rr_ring_result *out)
{
    out->n_finished = atomic_load_explicit(&ring->n_finished, memory_order_relaxed);
    out->n_edges = rr_lock_graph_cycle(ring->graph, out->cycle);
    out->n_waits = rr_lock_graph_waits(ring->graph);
    out->expired = rr_lock_graph_expired(ring->graph);
    out->elapsed_ns =
        atomic_load_explicit(&ring->ended_ns, memory_order_relaxed) - ring->began_ns;
}
