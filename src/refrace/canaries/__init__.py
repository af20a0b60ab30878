"""Canaries: real Python objects whose death is watched and whose memory is kept."""
