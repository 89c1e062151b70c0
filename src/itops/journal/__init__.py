"""The journal: append-only, hash-chained events; read, follow, verify, export."""
