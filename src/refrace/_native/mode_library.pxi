# mode_library.pxi -- finds the functions of a loaded mode's library.

from posix.dlfcn cimport RTLD_LOCAL, RTLD_NOW, dlerror, dlopen, dlsym


cdef void *function_in(str path, const char *name) except NULL:
    """Return a function of a library, which stays loaded until the process ends.

    Raises
    ------
    OSError
        If the library cannot be loaded, or has no function of that name.
    """
    cdef const char *problem
    cdef void *function = NULL
    encoded = path.encode()
    cdef void *library = dlopen(encoded, RTLD_NOW | RTLD_LOCAL)
    if library is not NULL:
        function = dlsym(library, name)
    if function is NULL:
        problem = dlerror()
        raise OSError("unknown" if problem is NULL else (<bytes> problem).decode())
    return function
