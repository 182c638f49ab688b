"""Writes and decisions of alert intake."""
