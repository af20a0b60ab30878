# Declarations of the C core, one file per public header, same base name.
