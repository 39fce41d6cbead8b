"""Who comes in and what goes out: owners, origins, bodies, pictures by our own route."""
