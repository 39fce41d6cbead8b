"""Where it is kept: one database, and files that are there whole or not at all."""
