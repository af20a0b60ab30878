# twin.pxi -- whether an extension is compiled with its bug: a constant of the compiler.
cdef extern from *:
    """
    #ifdef BUG
    #undef BUG
    #define BUG 1
    #else
    #define BUG 0
    #endif
    """
    const bint BUG
