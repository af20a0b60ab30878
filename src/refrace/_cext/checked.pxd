# checked.pxd -- turns a status of the core into an exception, for every binding.
from refrace._cext.rr_status cimport (
    RR_EFOLDER,
    RR_ENOMEM,
    RR_EROOM,
    RR_EWEAK,
    RR_EWORDS,
    RR_OK,
    rr_status_message,
)


# The GIL must be held.  Taking it here, even if there is nothing to raise, would wait
# forever in an interpreter that is not the first of its process.
cdef inline int check(int status) except -1:
    """Raise for a negative status; costs one comparison when there is none."""
    if status == RR_OK:
        return 0
    if status == RR_ENOMEM:
        raise MemoryError("the C core of refrace is out of memory")
    message = (<bytes> rr_status_message(status)).decode()
    if status in (RR_EWORDS, RR_EROOM, RR_EWEAK):
        from refrace.errors import ProgramTooLarge

        raise ProgramTooLarge(f"{message}; make the program smaller")
    if status == RR_EFOLDER:
        from refrace.errors import EnvironmentUnfit

        raise EnvironmentUnfit(f"{message}; pass another one")
    raise RuntimeError(f"[refrace internal error] {message} (status {status})")
