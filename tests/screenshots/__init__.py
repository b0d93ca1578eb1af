"""`make screenshots`: pictures of every page, from a platform that runs for them."""
