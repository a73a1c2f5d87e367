"""Where: one file a portal, by province; the CMS families they stand on."""
