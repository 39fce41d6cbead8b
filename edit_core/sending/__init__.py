"""What the client is made of: one attempt and its clocks, what may be repeated, links, names, and the key's secrecy."""
