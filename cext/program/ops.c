/* ops.c -- the names of steps, findings and misuses, from their lists. */
#include "program/program.h"

static const struct {
    const char *name, *operands;
} ops[] = {
#define RR_OP(id, name, operands, is_step) {name, operands},
#include "program/ops.def"
#undef RR_OP
};

static const struct {
    const char *message;
    bool is_limit;
} misuses[] = {
#define RR_MISUSE(id, is_limit, message) {message, is_limit},
#include "program/misuses.def"
#undef RR_MISUSE
};

static const char *const findings[] = {
#define RR_FINDING(id, name) name,
#include "program/findings.def"
#undef RR_FINDING
};

const char *
rr_op_name(int op)
{
    return op >= 0 && op < RR_N_OPS ? ops[op].name : NULL;
}

const char *
rr_finding_name(int kind)
{
    return kind >= 0 && kind < RR_N_FINDINGS ? findings[kind] : NULL;
}

const char *
rr_misuse_message(int misuse)
{
    return misuse >= 0 && misuse < RR_N_MISUSES ? misuses[misuse].message : NULL;
}

bool
rr_misuse_is_limit(int misuse)
{
    return misuse >= 0 && misuse < RR_N_MISUSES && misuses[misuse].is_limit;
}

const char *
rr_op_operands(int op)
{
    return ops[op].operands;
}

bool
rr_op_is_hook(int op)
{
    return op == RR_OP_QUIESCE || op == RR_OP_DETACH || op == RR_OP_ATTACH ||
           op == RR_OP_LEAVE || op == RR_OP_COLLAPSE;
}
