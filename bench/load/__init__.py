"""The app under load, beside a naive one: how much it holds, what that takes, and what stays. `python -m bench.load`.

A program for developers; the app never imports it.
"""
