"""The candidates of one challenge side by side, as far as whoever looks may see them."""
