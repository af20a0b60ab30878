"""Tests of the explorer; its helpers are imported as `explore`."""
