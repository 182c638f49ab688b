"""Reads of alerts and intake."""
