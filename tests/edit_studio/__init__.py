"""Tests of the app around the library."""
