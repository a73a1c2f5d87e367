"""The machine: how pages are queued, fetched and looked at."""
