"""The tests: they mirror the packages; `photos/` holds real photos and `answers/` what relays really send."""
