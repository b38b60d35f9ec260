"""System checks of the product's own settings; every message names the variable to change."""
