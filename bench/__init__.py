"""How fast the core is, and how little memory it takes, beside the official SDKs: `python -m bench`.

A program for developers; the app never imports it.
"""
