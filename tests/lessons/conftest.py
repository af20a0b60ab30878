"""What every lesson has to leave behind: no thread and no memory."""

import gc
import re
import threading
from html import unescape
from html.parser import HTMLParser

import pytest

from refrace._native import lessons as native_lessons


@pytest.fixture(autouse=True)
def nothing_is_left_behind():
    threads, blocks = threading.active_count(), native_lessons.live_allocations()

    yield

    native_lessons.fail_allocation(0)
    if native_lessons.live_allocations() > blocks:
        gc.collect()  # the traceback of an exception that the test caught
    assert native_lessons.live_allocations() <= blocks
    assert threading.active_count() <= threads


class _Words(HTMLParser):
    def __init__(self):
        super().__init__()
        self.words = []

    def handle_data(self, data):
        self.words += data.split()


@pytest.fixture
def same_blocks():
    """Check that a report's text and HTML say the same, the answer first."""

    def check(report):
        text = str(report)
        assert max(map(len, text.splitlines())) <= 80
        assert " ".join(text.split()).startswith(report.answer)

        html = _Words()
        html.feed(re.sub(r"<svg.*?</svg>|<style>.*?</style>", "", report._repr_html_()))
        assert html.words == [w for w in text.split() if set(w) != {"-"}]
        assert report.answer in unescape(report._repr_html_())

    return check
