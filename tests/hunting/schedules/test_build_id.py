"""The identity of a module file is that of the file as it is now."""

import os

from refrace.hunting.schedules.build_id import Build, build_of


def test_a_file_that_was_built_again_has_another_identity(tmp_path):
    path = tmp_path / "module.so"
    path.write_bytes(b"first")
    first = build_of(str(path))

    path.write_bytes(b"again")
    os.utime(path, ns=(1, 1))  # whatever the resolution of the clock
    again = build_of(str(path))

    assert isinstance(first, Build)
    assert first.module == again.module == "module.so"
    assert first.build_id.startswith("sha256:")
    assert first.build_id != again.build_id
