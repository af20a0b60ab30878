"""Build the module: python setup.py build_ext --inplace."""

from setuptools import Extension, setup

setup(
    name="capi-patterns",
    ext_modules=[
        Extension(
            "capi_patterns",
            ["patterns.c"],
            extra_compile_args=["-std=c11", "-Wall", "-Wextra"],
        )
    ],
)
