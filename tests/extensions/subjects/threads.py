"""Subjects of the extensions that fail in several threads only."""

import zlib

from hypothesis import strategies as st

import refrace
from refrace.strategies import canaries

TEXTS = st.sampled_from([b"some", b"word " * 100_000])


def document(lib):
    class Document:
        def setup(self):
            self.document = lib.Document("untitled", 500_000)

        @refrace.operation(title=canaries())
        def rename(self, title):
            self.document.rename(title)

        @refrace.operation
        def seal(self):
            return self.document.seal()

    return Document


def tally(lib):
    class Tally:
        def setup(self):
            self.tally = lib.Tally()

        @refrace.operation(text=TEXTS)
        def add(self, text):
            self.tally.add(text)

        @refrace.operation
        def words(self):
            return self.tally.words()

    return Tally


def histogram(lib):
    class Histogram:
        def setup(self):
            self.histogram = lib.Histogram()

        @refrace.operation(text=TEXTS)
        def add(self, text):
            self.histogram.add(text)

        @refrace.operation
        def bins(self):
            return self.histogram.bins()

    return Histogram


def cell(lib):
    class Cell:
        def setup(self):
            self.cell = lib.Cell()

        @refrace.operation(value=canaries())
        def set(self, value):
            self.cell.set(value)

        @refrace.operation
        def get(self):
            return self.cell.get()

    return Cell


def frame(lib):
    class Frame:
        def setup(self):
            self.frame = lib.Frame()

        @refrace.operation(
            size=st.sampled_from([10, 500_000]), byte=st.sampled_from([b"a", b"b"])
        )
        def fill(self, size, byte):
            self.frame.fill(size, byte)

        @refrace.operation
        def crc(self):
            return zlib.crc32(self.frame)

    return Frame


def meter(lib):
    class Meter:
        def setup(self):
            self.meter = lib.Meter()

        @refrace.operation(size=st.sampled_from([1, 1_000_000]))
        def measure(self, size):
            return self.meter.measure(size)

    return Meter
