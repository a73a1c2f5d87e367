"""What becomes of a page, in running order: dedupe, extract, parse, store."""
