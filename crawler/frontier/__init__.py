"""When, how politely and by whom each URL is fetched. See README.md."""
